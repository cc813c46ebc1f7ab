"""The jump palette by keys alone: opened anywhere, typed into, chosen from; closed where one may not know."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from communities.models import Membership, Room
from tests.browser.conftest import Visit
from tests.browser.test_first_path import say
from tests.browser.test_live_faults import written

pytestmark = pytest.mark.django_db(transaction=True)

PALETTE = "#palette"
CHOSEN = f"{PALETTE} [role=option][aria-selected=true]"


def opened(visit: Visit, member: Membership, path: str = "") -> Page:
    page = visit(path or member.community.get_absolute_url(), member)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox")).to_be_focused()
    return page


def test_a_room_is_opened_by_its_first_letters(visit: Visit, mel: Membership, hall: Room, porch: Room) -> None:
    page = opened(visit, mel)
    page.keyboard.type(hall.name[:3])
    expect(page.locator(CHOSEN)).to_contain_text(hall.name)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(re.escape(hall.get_absolute_url())))


def test_arrows_go_round_and_the_field_keeps_the_focus(visit: Visit, mel: Membership, hall: Room) -> None:
    page = opened(visit, mel)
    options = page.locator(f"{PALETTE} [role=option]:visible")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    field = page.get_by_role("combobox")
    expect(field).to_be_focused()
    assert field.get_attribute("aria-activedescendant") == options.first.get_attribute("id")


def test_people_and_words_are_found(visit: Visit, ada: Membership, mel: Membership, hall: Room) -> None:
    written(ada, hall, 1)
    page = opened(visit, mel)
    page.keyboard.type("Ad")
    expect(page.locator(PALETTE).get_by_role("option", name="Ada").first).to_be_visible()
    page.get_by_role("combobox").fill("nothing like this anywhere")
    expect(page.locator(f"{PALETTE} [role=status]")).to_have_text("No results.")
    expect(page.locator(CHOSEN)).to_contain_text("Search all messages")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"\?q=nothing%20like"))


def test_a_room_that_is_closed_to_one_is_not_offered(visit: Visit, mel: Membership, attic: Room) -> None:
    page = opened(visit, mel)
    page.keyboard.type(attic.name)
    expect(page.locator(f"{PALETTE} [role=status]")).to_have_text("No results.")
    expect(page.locator(f"{PALETTE} [data-found]")).not_to_contain_text(attic.name)


def test_escape_gives_the_focus_back(visit: Visit, mel: Membership, hall: Room) -> None:
    page = visit(hall.get_absolute_url(), mel)
    text = page.locator("#composer-text")
    text.fill("half a sentence")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("hall")
    page.keyboard.press("Escape")
    expect(page.locator(PALETTE)).to_be_hidden()
    expect(text).to_be_focused()
    expect(text).to_have_value("half a sentence")


def test_a_server_that_says_nothing_leaves_the_pages(visit: Visit, mel: Membership, hall: Room) -> None:
    page = visit(mel.community.get_absolute_url(), mel)
    page.route("**/jump/**", lambda route: route.abort())
    page.keyboard.press("Control+k")
    page.keyboard.type("peo")
    expect(page.locator(CHOSEN)).to_contain_text("People")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/people/"))


def test_a_message_is_found_by_a_word_in_it_and_opened_at_its_place(
    visit: Visit, ada: Membership, mel: Membership, hall: Room
) -> None:
    page = visit(hall.get_absolute_url(), mel)
    say(page, "The kettle whistles twice")
    expect(page.get_by_text("The kettle whistles twice")).to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("whistling")
    found = page.locator(PALETTE).get_by_role("option").filter(has_text="kettle")
    expect(found.locator("mark")).to_have_text("whistles")


def test_enter_waits_for_what_fits_the_words(visit: Visit, ada: Membership, mel: Membership, hall: Room) -> None:
    """The list of other words stands there still; its first one must not open."""
    page = opened(visit, mel)

    def late(route: Route) -> None:
        page.wait_for_timeout(600)
        route.continue_()

    page.route("**/jump/?q=A*", late)
    page.keyboard.type("Ada")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"/people/{ada.pk}/"))


def test_without_an_answer_no_old_hits_stand_there(visit: Visit, mel: Membership, hall: Room) -> None:
    page = opened(visit, mel)
    expect(page.locator(CHOSEN)).to_contain_text(hall.name)
    page.route("**/jump/**", lambda route: route.abort())
    page.keyboard.type("zzz")
    expect(page.locator(f"{PALETTE} [data-note]")).to_have_text("The server cannot be reached right now.")
    expect(page.locator(f"{PALETTE} [data-found] [role=option]")).to_have_count(0)


def test_nothing_found_is_seen_and_said(visit: Visit, mel: Membership, hall: Room) -> None:
    page = opened(visit, mel)
    page.keyboard.type("zzz")
    expect(page.locator(f"{PALETTE} [data-note]")).to_have_text("No results.")
    expect(page.locator(f"{PALETTE} [role=status]")).to_have_text("No results.")
    page.get_by_role("combobox").fill("in:nowhere tea")
    expect(page.locator(f"{PALETTE} [role=status]")).to_contain_text("nowhere")


def test_at_400_percent_the_chosen_one_is_in_sight(visit: Visit, mel: Membership, hall: Room) -> None:
    page = visit(mel.community.get_absolute_url(), mel, viewport={"width": 320, "height": 200})
    page.keyboard.press("Control+k")
    expect(page.locator(CHOSEN)).to_contain_text(hall.name)
    for _ in range(3):
        page.keyboard.press("ArrowDown")
        expect(page.locator(CHOSEN)).to_be_in_viewport(ratio=0.9)


def test_a_click_beside_it_closes_it(visit: Visit, mel: Membership, hall: Room) -> None:
    page = opened(visit, mel)
    page.mouse.click(5, 5)
    expect(page.locator(PALETTE)).to_be_hidden()
