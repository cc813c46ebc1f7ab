"""A room for ears and for eyes that need more: what it is called, what is said aloud, and every state under axe."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from communities.models import Membership, Room
from messaging.actions import delete_message, mark_read
from tests.browser.conftest import DESK, PHONE, Visit, elsewhere, wait_until
from tests.browser.looks import Theme, misplaced, resize, violations
from tests.browser.test_first_path import hears, say
from tests.browser.test_live_faults import WRITTEN, Door, written
from tests.factories import written_before

pytestmark = pytest.mark.django_db(transaction=True)

#: Keeps what the region for ears said, one after another, and when.
RECORD = """() => {
    window.said = []
    const place = document.getElementById("announcements")
    new MutationObserver(() => said.push([performance.now(), place.textContent])).observe(place, {childList: true})
}"""
#: How far it is to the end of the conversation.
LEFT = "log => log.scrollHeight - log.scrollTop - log.clientHeight"
#: WCAG 1.4.12, as a style sheet of the reader's own.
SPACED = """() => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important }
        * { word-spacing: .16em !important } p { margin-block-end: 2em !important }`)
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
}"""
#: What can be pressed and is smaller than it may be; not what stands in a line of text.
SMALL = """least => [...document.querySelectorAll("a[href], button, input, textarea")].filter(one => {
    const box = one.getBoundingClientRect()
    const isShown = one.checkVisibility() && box.width > 1 && !one.closest(".vh, .skip-link, .msg-text")
    const target = (one.closest("label") ?? one).getBoundingClientRect()
    return isShown && (target.width < least - 0.5 || target.height < least - 0.5)
}).map(one => `${one.outerHTML.slice(0, 90)} ${one.offsetWidth}×${one.offsetHeight}`)"""


def tree(page: Page) -> list[tuple[str, str]]:
    """What a screen reader is given: role and name of each thing, in order."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]

    def value(node: dict[str, Any], name: str) -> str:
        return str(node.get(name, {}).get("value", ""))

    return [(value(node, "role"), value(node, "name")) for node in nodes if not node["ignored"]]


def test_everything_in_a_room_has_a_role_and_a_name(
    visit: Visit, ada: Membership, mel: Membership, hall: Room, porch: Room
) -> None:
    written(mel, hall)
    written(ada, hall, 2, start=2)
    written(ada, porch)
    elsewhere(lambda: mark_read(member=mel, room=hall, sequence=1))
    page = visit(hall.get_absolute_url(), mel)
    page.wait_for_timeout(500)
    found = tree(page)
    assert ("log", "Messages in Hall") in found
    assert [name for role, name in found if role == "article"] == ["Mel", "Ada", "Ada"]
    headings = [name for role, name in found if role == "heading"]
    assert headings[0] == "Hall"
    assert headings[1].startswith("Today")
    assert headings[2].startswith("New")
    assert ("link", "Porch unread") in found
    assert ("link", "Hall") in found
    assert ("link", "Edit") in found
    assert ("link", "Delete") in found
    assert ("textbox", "Message to Hall") in found
    assert ("button", "Send") in found
    assert {name for role, name in found if role == "navigation"} == {"Group"}
    assert len([role for role, _name in found if role == "main"]) == 1
    assert page.locator(f"{WRITTEN} time[datetime][title]").count() == 3
    weights = [f".nav-item[data-room='{room.pk}']" for room in (porch, hall)]
    bold, plain = (int(page.locator(one).evaluate("one => getComputedStyle(one).fontWeight")) for one in weights)
    assert bold > plain


def test_one_thing_is_said_in_three_seconds_then_how_many(
    visit: Visit, ada: Membership, mel: Membership, hall: Room
) -> None:
    User.objects.filter(pk=mel.user_id).update(language="de")
    page = visit(hall.get_absolute_url(), mel, locale="de")
    page.wait_for_timeout(500)
    page.evaluate(RECORD)
    written(ada, hall)
    expect(page.locator("#announcements")).to_have_text("Ada: words 1")
    for number in (2, 3, 4):
        written(ada, hall, start=number)
    say(page, "eigene Worte")
    hears(page, "eigene Worte")
    expect(page.locator("#announcements")).to_have_text("3 neue Nachrichten", timeout=15_000)
    # Said is said: nobody comes upon it later.
    expect(page.locator("#announcements")).to_have_text("")
    said = [(at, text) for at, text in page.evaluate("said") if text]
    assert [text for _at, text in said] == ["Ada: words 1", "3 neue Nachrichten"]
    assert said[1][0] - said[0][0] >= 2900


def test_changes_and_deletions_are_not_said(visit: Visit, ada: Membership, mel: Membership, hall: Room) -> None:
    from messaging.actions import edit_message

    written(ada, hall, 2)
    page = visit(hall.get_absolute_url(), mel)
    page.wait_for_timeout(500)
    page.evaluate(RECORD)
    first, second = hall.messages.order_by("sequence")
    elsewhere(lambda: edit_message(actor=ada, message=first, text="in other words"))
    elsewhere(lambda: delete_message(actor=ada, message=second))
    expect(page.locator(f"{WRITTEN}[data-deleted]")).to_have_count(1)
    page.wait_for_timeout(3500)
    assert page.evaluate("said") == []


def test_what_was_taken_back_does_not_stay_in_the_air(
    visit: Visit, ada: Membership, mel: Membership, hall: Room
) -> None:
    page = visit("/", mel)
    page.add_init_script(
        "const wait = setTimeout; setTimeout = (act, time) => wait(act, time === 5000 ? 10 ** 8 : time)"
    )
    page.goto(hall.get_absolute_url())
    page.wait_for_timeout(500)
    written(ada, hall)
    expect(page.locator("#announcements")).to_have_text("Ada: words 1")
    message = hall.messages.get()
    elsewhere(lambda: delete_message(actor=ada, message=message))
    expect(page.locator("#announcements")).to_have_text("")


HEBREW = "שלום לכולם."
#: Where a line's last character stands: at its left end, or at its right.
STOP = """text => {
    const range = document.createRange()
    const node = text.firstChild
    range.setStart(node, node.length - 1)
    range.setEnd(node, node.length)
    const stop = range.getBoundingClientRect()
    range.selectNodeContents(text)
    return stop.left - range.getBoundingClientRect().left < 1 ? "left" : "right"
}"""


def test_words_of_either_direction_stand_as_they_are_read(
    visit: Visit, ada: Membership, mel: Membership, hall: Room
) -> None:
    page = visit(hall.get_absolute_url(), mel)
    for text, side in ((HEBREW, "left"), ("Hello all.", "right")):
        say(page, text)
        hears(page, text)
        assert page.locator(f"{WRITTEN} .msg-text p").last.evaluate(STOP) == side
    page.locator("#composer-text").fill(HEBREW)
    expect(page.locator("#composer-text")).to_have_css("direction", "rtl")
    page.locator("#composer-text").fill("")
    expect(page.locator(f"{WRITTEN} .msg-author").first).to_have_css("unicode-bidi", "isolate")
    page.locator(f"{WRITTEN} [data-edit]").first.evaluate("one => one.click()")
    expect(page.locator(".edit-form textarea")).to_have_css("direction", "rtl")


def states(page: Page, mel: Membership, hall: Room, door: Door) -> Any:
    """The states of a room that are seldom seen, one after another."""
    page.wait_for_timeout(500)
    page.locator(WRITTEN).last.focus()
    yield "a message in focus"
    page.locator(f"{WRITTEN}[data-mine] [data-edit]").last.evaluate("one => one.click()")
    expect(page.locator(".edit-form textarea")).to_be_focused()
    yield "an open editor"
    page.locator(".edit-form textarea").press("Escape")
    Membership.objects.filter(pk=mel.pk).update(muted_until="2999-01-01T00:00Z")
    say(page, "too late")
    expect(page.locator("[data-state=failed]")).to_be_visible()
    yield "a message that was refused"
    page.locator("[data-discard]").click()
    door.shut()
    written_before(mel, hall, 300)
    expect(page.locator("[data-when=lost]")).to_be_visible(timeout=15_000)
    yield "a lost connection"
    page.route("**/messages/?*", lambda route: route.abort())
    door.open()
    page.evaluate("dispatchEvent(new Event('online'))")
    # Seen, it tries by itself.
    wait_until(page, lambda: "?" in _scrolled_to(page.locator("[data-gap] button")))
    yield "a gap that could not be filled"
    page.locator("#log").focus()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    yield "the list of keys"
    page.locator("#keys input").uncheck()
    yield "the list of keys, single ones off"


def _scrolled_to(button: Locator) -> str:
    """Again where what came in meanwhile has moved it away."""
    button.scroll_into_view_if_needed()
    return button.text_content() or ""


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_state_of_a_room_can_be_read(
    visit: Visit, ada: Membership, mel: Membership, hall: Room, language: str
) -> None:
    User.objects.filter(pk=mel.user_id).update(language=language)
    written(ada, hall, 5)
    written(mel, hall, 2)
    elsewhere(lambda: mark_read(member=mel, room=hall, sequence=7))
    page = visit("/", mel, locale=language)
    door = Door(page)
    page.goto(hall.get_absolute_url())
    looks: list[tuple[Theme, dict[str, int]]] = [("dark", PHONE), ("light", DESK)]
    if language == "en":
        looks = [("light", PHONE), ("dark", DESK)]
    found = []
    for state in states(page, mel, hall, door):
        wrong = misplaced(page)
        for theme, size in looks:
            wrong += violations(page, theme, size, by_all_rules=language == "de")
        page.emulate_media(contrast="more")
        wrong += violations(page, theme, size, by_all_rules=False)
        page.emulate_media(contrast="no-preference")
        wrong += [f"small: {one}" for one in page.evaluate(SMALL, 24)]
        found += [f"{state}, {one}" for one in wrong]
        resize(page, **DESK)
    assert not found, "\n".join(found)


def test_a_room_can_be_used_enlarged_and_with_wider_text(
    visit: Visit, ada: Membership, mel: Membership, hall: Room
) -> None:
    written(ada, hall, 8)
    page = visit(hall.get_absolute_url(), mel)
    page.evaluate(SPACED)
    assert misplaced(page) == []
    # 200 % and 400 % of a window of 1280 × 1024
    for width, height in ((640, 512), (320, 256)):
        resize(page, width, height)
        page.wait_for_timeout(200)
        assert page.locator("#log").evaluate("log => log.clientHeight") >= 100
        page.locator("#composer-text").scroll_into_view_if_needed()
        expect(page.locator("#composer-text")).to_be_in_viewport()
        page.locator(".composer .send").scroll_into_view_if_needed()
        expect(page.locator(".composer .send")).to_be_in_viewport(ratio=1)
        say(page, f"at {width}")
        hears(page, f"at {width}")
        wait_until(page, lambda: page.locator("#log").evaluate(LEFT) < 24)


def test_fingers_find_targets_and_a_tap_shows_the_tools(
    visit: Visit, ada: Membership, mel: Membership, hall: Room
) -> None:
    written_before(mel, hall, 60)
    elsewhere(lambda: mark_read(member=mel, room=hall, sequence=60))
    page = visit(hall.get_absolute_url(), mel, viewport=PHONE, is_mobile=True, has_touch=True)
    page.wait_for_timeout(500)
    assert page.evaluate(SMALL, 44) == []
    mine = page.locator(WRITTEN).last
    tools = mine.locator(".msg-tools")
    expect(tools).to_have_css("opacity", "0")
    mine.locator(".msg-text").tap()
    expect(tools).to_have_css("opacity", "1")
    mine.locator("[data-edit]").tap()
    expect(page.locator(".edit-form textarea")).to_be_focused()
    assert page.evaluate(SMALL, 44) == []


def test_nothing_moves_for_those_who_asked_for_it(visit: Visit, mel: Membership, hall: Room) -> None:
    page = visit(hall.get_absolute_url(), mel, reduced_motion="reduce")
    moving = """() => [...document.querySelectorAll("*")].filter(one => {
        const style = getComputedStyle(one)
        const times = `${style.transitionDuration},${style.animationDuration}`.split(",")
        return times.some(time => parseFloat(time) * (time.includes("ms") ? 1 : 1000) > 1)
    }).length"""
    assert page.evaluate(moving) == 0


def test_where_colours_are_taken_away_outlines_tell(visit: Visit, mel: Membership, hall: Room) -> None:
    written(mel, hall)
    page = visit(hall.get_absolute_url(), mel, forced_colors="active")
    page.wait_for_timeout(500)
    page.keyboard.press("k")
    for chosen in (".nav-item[aria-current]", f"{WRITTEN}:focus"):
        expect(page.locator(chosen)).to_have_css("outline-style", "solid")
    page.locator("#composer-text").focus()
    expect(page.locator(".composer")).to_have_css("outline-style", "solid")
