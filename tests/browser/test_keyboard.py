"""A room by keys alone: from message to message, from room to room, writing, changing, and never losing one's place."""

import re

import pytest
from playwright.sync_api import Page, expect

from communities.models import Membership, Room
from messaging.actions import delete_message, edit_message, mark_read
from tests.browser.conftest import Visit, elsewhere
from tests.browser.test_first_path import hears, say
from tests.browser.test_live_faults import WRITTEN, Door, written
from tests.factories import written_before

pytestmark = pytest.mark.django_db(transaction=True)


def nth(page: Page, number: int) -> str:
    return f"{WRITTEN}[data-sequence='{number}']"


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def open_room(page: Page, room: Room) -> Page:
    page.goto(room.get_absolute_url())
    page.wait_for_timeout(500)
    return page


def test_j_and_k_go_through_a_room_and_tab_to_the_tools(
    visit: Visit, ada: Membership, mel: Membership, hall: Room
) -> None:
    written(ada, hall, 3)
    written(mel, hall, 2, start=4)
    elsewhere(lambda: mark_read(member=mel, room=hall, sequence=5))
    page = open_room(visit("/", mel), hall)
    press(page, "k")
    expect(page.locator(nth(page, 5))).to_be_focused()
    press(page, "k", "k")
    expect(page.locator(nth(page, 3))).to_be_focused()
    press(page, "j")
    mine = page.locator(nth(page, 4))
    expect(mine).to_be_focused()
    assert mine.evaluate("one => getComputedStyle(one).outlineWidth") == "3px"
    press(page, "Tab")
    expect(mine.locator("[data-edit]")).to_be_focused()
    expect(mine.locator(".msg-tools")).to_have_css("opacity", "1")
    press(page, "Tab")
    expect(mine.locator("[data-delete]")).to_be_focused()
    press(page, "j")
    expect(page.locator(nth(page, 5))).to_be_focused()
    press(page, "j")
    expect(page.locator(nth(page, 5))).to_be_focused()
    press(page, "Escape")
    expect(page.locator("#composer-text")).to_be_focused()
    page.keyboard.type("jk?")
    expect(page.locator("#composer-text")).to_have_value("jk?")
    expect(page.locator("#keys")).to_be_hidden()


def test_j_begins_at_what_is_new_and_k_goes_on_to_older_messages(
    visit: Visit, ada: Membership, mel: Membership, hall: Room
) -> None:
    written_before(ada, hall, 60)
    elsewhere(lambda: mark_read(member=mel, room=hall, sequence=57))
    page = visit(hall.get_absolute_url(), mel)  # not by way of another page, which might read it
    page.wait_for_timeout(500)
    press(page, "j")
    expect(page.locator(nth(page, 58))).to_be_focused()
    page.locator(nth(page, 11)).focus()
    press(page, "k")
    older = page.get_by_role("link", name="Show older")
    expect(older).to_be_focused()
    press(page, "Enter")
    expect(page.locator(WRITTEN)).to_have_count(60)
    expect(page.locator("#log")).to_be_focused()


def test_alt_and_arrows_lead_from_room_to_room_and_to_what_is_new(
    visit: Visit, ada: Membership, mel: Membership, hall: Room, porch: Room
) -> None:
    from tests import factories

    yard = factories.room(hall.community, "Yard")
    written(ada, yard)
    rooms = [hall, porch, yard]
    page = open_room(visit("/", mel), hall)
    page.locator("#composer-text").fill("half a thought")
    page.locator("#composer-text").press("Alt+ArrowDown")
    expect(page).to_have_url(re.compile(str(rooms[1].pk)))
    expect(page.locator("#main")).to_be_focused()
    press(page, "Alt+ArrowUp")
    expect(page).to_have_url(re.compile(str(hall.pk)))
    expect(page.locator("#composer-text")).to_have_value("half a thought")
    expect(page.locator("#main")).to_be_focused()
    press(page, "Alt+ArrowUp")
    page.wait_for_timeout(300)
    expect(page).to_have_url(re.compile(str(hall.pk)))
    press(page, "Alt+Shift+ArrowDown")
    expect(page).to_have_url(re.compile(str(yard.pk)))
    expect(page.locator("#main")).to_be_focused()
    press(page, "g", "r")
    expect(page).to_have_url(re.compile(r"/rooms/$"))
    expect(page.locator("#main")).to_be_focused()
    press(page, "Alt+ArrowDown")
    expect(page).to_have_url(re.compile(str(hall.pk)))


def test_alt_and_arrows_leave_no_words_behind(visit: Visit, mel: Membership, hall: Room, porch: Room) -> None:
    written(mel, hall)
    page = visit(f"/c/{hall.community.slug}/me/", mel)

    def stays(*keys: str) -> None:
        before = page.url
        press(page, *keys)
        page.wait_for_timeout(300)
        assert page.url == before

    words = page.locator("main textarea").first
    words.fill("half an introduction")
    stays("Alt+ArrowDown", "Alt+Shift+ArrowDown")
    words.blur()
    stays("Alt+ArrowDown")
    words.fill(words.evaluate("one => one.defaultValue"))
    stays("Alt+ArrowDown")  # the arrows of the field
    words.blur()
    press(page, "Alt+ArrowDown")
    expect(page).to_have_url(re.compile(str(hall.pk)))
    page.wait_for_timeout(500)
    # In the composer only the bare arrow opens the last message.
    composer, editor = page.locator("#composer-text"), page.locator(".edit-form textarea")
    composer.focus()
    stays("Alt+ArrowUp", "Shift+ArrowUp", "Control+ArrowUp")
    expect(editor).to_have_count(0)
    press(page, "ArrowUp")
    expect(editor).to_be_focused()
    composer.focus()
    stays("Alt+ArrowDown")
    expect(editor).to_have_count(1)
    # On a Mac these keys move about in what is written.
    page.add_init_script("Object.defineProperty(navigator, 'platform', { value: 'MacIntel' })")
    open_room(page, hall)
    composer.fill("half a thought")
    stays("Alt+ArrowDown")
    composer.blur()
    press(page, "Alt+ArrowDown")
    expect(page).to_have_url(re.compile(str(porch.pk)))


def test_the_list_of_keys_opens_by_a_key_and_single_keys_can_be_switched_off(
    visit: Visit, ada: Membership, mel: Membership, hall: Room
) -> None:
    written(ada, hall, 2)
    elsewhere(lambda: mark_read(member=mel, room=hall, sequence=2))
    page = open_room(visit("/", mel), hall)
    press(page, "k", "?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("heading", name="Keyboard shortcuts")).to_be_focused()
    press(page, "j", "Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator(nth(page, 2))).to_be_focused()
    press(page, "?", "Tab", "Space")
    off = page.get_by_text("off", exact=True).and_(page.locator(":visible"))
    expect(dialog.locator("[data-single]")).to_have_count(7)
    expect(dialog.locator("[data-single]").filter(has=off)).to_have_count(7)
    press(page, "Escape")
    expect(page.locator(nth(page, 2))).to_be_focused()
    for _ in range(2):
        press(page, "k", "?")
        page.wait_for_timeout(200)
        expect(dialog).to_be_hidden()
        assert page.locator(nth(page, 1)).evaluate("one => one !== document.activeElement")
        page = open_room(page, hall)
    page.locator(".group-head").focus()
    press(page, "Enter")
    page.get_by_role("button", name="Keyboard shortcuts").focus()
    press(page, "Enter")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("checkbox")).not_to_be_checked()
    press(page, "Tab", "Space", "Escape")
    expect(page.locator(".group-head")).to_be_focused()
    press(page, "k")
    expect(page.locator(nth(page, 2))).to_be_focused()


def test_the_menu_moves_by_arrows_and_gives_the_focus_back(visit: Visit, mel: Membership, hall: Room) -> None:
    page = open_room(visit("/", mel), hall)
    page.locator(".group-head").focus()
    press(page, "Enter")
    expect(page.locator("#group-menu a").first).to_be_focused()
    press(page, "End")
    expect(page.get_by_role("button", name="Sign out")).to_be_focused()
    press(page, "ArrowUp")
    expect(page.get_by_role("button", name="Keyboard shortcuts")).to_be_focused()
    press(page, "Escape")
    expect(page.locator(".group-head")).to_be_focused()


def test_writing_and_changing_by_keys(visit: Visit, ada: Membership, mel: Membership, hall: Room) -> None:
    page, other = open_room(visit("/", mel), hall), open_room(visit("/", ada), hall)
    page.locator("#composer-text").focus()
    page.keyboard.type("one")
    press(page, "Shift+Enter")
    page.keyboard.type("two")
    press(page, "Enter")
    hears(other, "one")
    expect(page.locator("#composer-text")).to_be_focused()
    press(page, "ArrowUp")
    editor = page.locator(".edit-form textarea")
    expect(editor).to_be_focused()
    expect(editor).to_have_value("one\ntwo")
    press(page, "Tab", "Tab", "Escape")
    expect(editor).to_have_count(0)
    expect(page.locator("#composer-text")).to_be_focused()
    press(page, "ArrowUp")
    expect(editor).to_be_focused()
    editor.fill("three")
    press(page, "Enter")
    hears(other, "three")
    expect(page.locator("#composer-text")).to_be_focused()
    # From the tool one comes back to the tool.
    press(page, "Shift+Tab", "Shift+Tab")
    expect(page.locator("[data-edit]")).to_be_focused()
    press(page, "Enter")
    expect(editor).to_be_focused()
    press(page, "Escape")
    expect(page.locator("[data-edit]")).to_be_focused()


def test_who_stands_in_a_message_stays_there_while_it_changes(
    visit: Visit, ada: Membership, mel: Membership, hall: Room
) -> None:
    written(mel, hall, 2)
    elsewhere(lambda: mark_read(member=mel, room=hall, sequence=2))
    page = open_room(visit("/", mel), hall)
    first, second = hall.messages.order_by("sequence")
    tool = page.locator(f"{nth(page, 1)} [data-delete]")
    tool.focus()
    elsewhere(lambda: edit_message(actor=mel, message=first, text="changed elsewhere"))
    hears(page, "changed elsewhere")
    expect(tool).to_be_focused()
    # An open editor keeps its words.
    page.locator(f"{nth(page, 1)} [data-edit]").press("Enter")
    editor = page.locator(".edit-form textarea")
    editor.fill("half a thought")
    elsewhere(lambda: edit_message(actor=mel, message=first, text="changed once more"))
    page.wait_for_function("document.querySelector('.msg-text').textContent.includes('once more')")
    expect(editor).to_have_value("half a thought")
    expect(editor).to_be_focused()
    press(page, "Enter")
    hears(page, "half a thought")
    # Deleted elsewhere: the tools are gone, the place is not.
    page.locator(f"{nth(page, 2)} [data-edit]").focus()
    elsewhere(lambda: delete_message(actor=mel, message=second))
    expect(page.locator(f"{nth(page, 2)}[data-deleted]")).to_be_focused()
    # Deleted here: asked first, and the same.
    page.locator(f"{nth(page, 1)} [data-delete]").focus()
    press(page, "Enter")
    expect(page.get_by_role("button", name="Keep")).to_be_focused()
    press(page, "Escape")
    expect(page.locator(f"{nth(page, 1)} [data-delete]")).to_be_focused()
    press(page, "Enter", "Tab", "Enter")
    expect(page.locator(f"{nth(page, 1)}[data-deleted]")).to_be_focused()


def test_the_focus_outlives_what_was_sent_and_refused(visit: Visit, mel: Membership, hall: Room) -> None:
    page = open_room(visit("/", mel), hall)
    Membership.objects.filter(pk=mel.pk).update(muted_until="2999-01-01T00:00Z")
    say(page, "too late")
    expect(page.get_by_role("alert").filter(has_text="not write")).to_be_visible()
    expect(page.locator("#composer-text")).to_be_focused()
    Membership.objects.filter(pk=mel.pk).update(muted_until=None)
    page.get_by_role("button", name="Try again").focus()
    press(page, "Enter")
    hears(page, "too late")
    expect(page.locator("#composer-text")).to_be_focused()


def test_what_nobody_answered_is_said_and_the_page_stays(visit: Visit, mel: Membership, hall: Room) -> None:
    written(mel, hall)
    page = open_room(visit("/", mel), hall)
    page.route("**/edition/", lambda route: route.abort())
    page.locator(f"{nth(page, 1)} [data-edit]").focus()
    press(page, "Enter")
    expect(page.get_by_role("alert").filter(has_text="did not work")).to_be_visible()
    page.unroute("**/edition/")
    press(page, "Enter")
    expect(page.locator(".edit-form textarea")).to_be_focused()
    expect(page.locator("[data-trouble]")).to_have_count(0)


def test_focus_stays_while_messages_come_and_older_ones_go(
    visit: Visit, ada: Membership, mel: Membership, hall: Room
) -> None:
    written_before(ada, hall, 60)
    elsewhere(lambda: mark_read(member=mel, room=hall, sequence=60))
    page = visit("/", mel)
    door = Door(page)
    open_room(page, hall)
    press(page, "k", "k")
    expect(page.locator(nth(page, 59))).to_be_focused()
    written(ada, hall, start=61)
    hears(page, "words 61")
    expect(page.locator(nth(page, 59))).to_be_focused()
    door.shut()
    written_before(ada, hall, 150)
    door.open()
    page.evaluate("dispatchEvent(new Event('online'))")
    hears(page, "words 211")
    expect(page.locator(nth(page, 59))).to_be_focused()
