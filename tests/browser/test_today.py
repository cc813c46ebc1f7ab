"""Today as a browser shows it: read by keys, by a click, or elsewhere while the page stays open."""

import pytest
from playwright.sync_api import Page, expect

from communities.models import Membership, Room
from messaging.actions import mark_read
from messaging.models import ReadMark
from tests.browser.conftest import Visit, elsewhere, wait_until
from tests.browser.test_live_faults import written

pytestmark = pytest.mark.django_db(transaction=True)

ITEMS = ".digest > li"


def open_today(visit: Visit, member: Membership) -> Page:
    return visit(member.community.get_absolute_url(), member)


def read_in(page: Page) -> list[bool]:
    found: list[bool] = page.locator(ITEMS).evaluate_all("all => all.map(one => 'read' in one.dataset)")
    return found


def is_read(member: Membership, room: Room) -> bool:
    return ReadMark.objects.filter(membership=member, room=room, last_sequence=2).exists()


def test_one_goes_through_by_keys_and_is_done(
    visit: Visit, ada: Membership, mel: Membership, hall: Room, porch: Room
) -> None:
    written(ada, hall, 2)
    written(ada, porch, 2)
    page = open_today(visit, mel)
    expect(page.locator(ITEMS)).to_have_count(2)
    page.keyboard.press("j")
    expect(page.locator(ITEMS).nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator(ITEMS).nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator(ITEMS).nth(0)).to_be_focused()
    page.keyboard.press("e")
    expect(page.locator(f"{ITEMS}[data-read]")).to_have_count(1)
    expect(page.locator(f"{ITEMS}:not([data-read])")).to_be_focused()
    page.keyboard.press("e")
    expect(page.get_by_role("heading", name="All read.")).to_be_focused()
    assert read_in(page) == [True, True]
    wait_until(page, lambda: is_read(mel, hall) and is_read(mel, porch))


def test_one_click_reads_one_room_and_another_all(
    visit: Visit, ada: Membership, mel: Membership, hall: Room, porch: Room, attic: Room
) -> None:
    for room in (hall, porch):
        written(ada, room, 2)
    page = open_today(visit, mel)
    page.evaluate("document.documentElement.dataset.same = 'yes'")
    page.get_by_role("button", name="Mark read").click()
    expect(page.locator(f"{ITEMS}[data-read]")).to_have_count(1)
    page.locator(f"{ITEMS}:not([data-read])").get_by_role("button", name="Mark read").click()
    expect(page.get_by_role("heading", name="All read.")).to_be_visible()
    assert page.evaluate("document.documentElement.dataset.same") == "yes", "the page was not left"


def test_what_is_written_and_read_elsewhere_is_seen_here(
    visit: Visit, ada: Membership, mel: Membership, hall: Room
) -> None:
    page = open_today(visit, mel)
    expect(page.locator(ITEMS)).to_have_count(0)
    page.wait_for_timeout(700)  # until its socket is open
    written(ada, hall, 2)
    expect(page.locator(ITEMS)).to_have_count(1, timeout=15_000)
    elsewhere(lambda: mark_read(member=mel, room=hall, sequence=2))
    expect(page.get_by_role("heading", name="All read.")).to_be_visible(timeout=15_000)


def test_the_focus_stays_where_it_is_while_news_come(
    visit: Visit, ada: Membership, mel: Membership, hall: Room, porch: Room
) -> None:
    written(ada, hall, 2)
    page = open_today(visit, mel)
    page.wait_for_timeout(700)  # until its socket is open
    page.locator(ITEMS).focus()
    held = page.locator(ITEMS).get_attribute("id")
    written(ada, porch, 2)
    expect(page.locator(ITEMS)).to_have_count(2, timeout=15_000)
    expect(page.locator(f"#{held}")).to_be_focused()


def test_keys_that_are_typed_into_a_field_read_nothing(
    visit: Visit, ada: Membership, mel: Membership, hall: Room
) -> None:
    written(ada, hall, 2)
    page = open_today(visit, mel)
    page.keyboard.press("Control+k")
    page.keyboard.type("eject")
    page.wait_for_timeout(400)
    assert read_in(page) == [False]


def test_where_nobody_answers_the_page_stays_and_says_so(
    visit: Visit, ada: Membership, mel: Membership, hall: Room
) -> None:
    written(ada, hall, 2)
    page = open_today(visit, mel)
    page.route("**/today/reading/**", lambda route: route.abort())
    page.route("**/reading/", lambda route: route.abort())
    page.get_by_role("button", name="Mark read").click()
    expect(page.get_by_role("alert")).to_have_text("That did not work. Try again?")
    assert read_in(page) == [False]


def test_enter_opens_the_item_one_stands_at(visit: Visit, ada: Membership, mel: Membership, hall: Room) -> None:
    written(ada, hall, 2)
    page = open_today(visit, mel)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{hall.get_absolute_url()}#unread")


def test_g_and_a_letter_leave_no_form_behind_that_was_changed(visit: Visit, mel: Membership) -> None:
    page = visit(f"{mel.community.get_absolute_url()}me/", mel)
    page.locator("[name=introduction]").fill("Half an introduction")
    page.locator("h1").click()
    page.keyboard.press("g")
    page.keyboard.press("h")
    page.wait_for_timeout(400)
    expect(page.locator("[name=introduction]")).to_have_value("Half an introduction")
