"""What was sent and never confirmed goes out by itself only where its author would still want that, and in order."""

import json
import uuid
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page, WebSocketRoute, expect

from communities.models import Membership, Room
from messaging.models import ReadMark
from tests.browser.conftest import Visit, session_of, wait_until
from tests.browser.test_first_path import hears, say
from tests.browser.test_live_faults import WRITTEN, shut_out, written
from tests.browser.test_waking import WAITING

pytestmark = pytest.mark.django_db(transaction=True)

#: A page that has no socket, and so sends nothing.
STILL = "/nowhere/"
FAILED = "[data-pending][data-state=failed]"
KEEP = "([key, item, age]) => localStorage.setItem(key, JSON.stringify({ ...item, at: Date.now() - age }))"


def left_behind(page: Page, author: Membership, room: Room, text: str, age: int = 0, **more: str) -> None:
    """As a page leaves it that is closed before an answer came; `age` in milliseconds."""
    page.evaluate(KEEP, [f"outbox:{author.pk}:{room.pk}:{uuid.uuid4()}", {"text": text, **more}, age])


def mute(member: Membership, *, is_muted: bool) -> None:
    Membership.objects.filter(pk=member.pk).update(muted_until="2999-01-01T00:00Z" if is_muted else None)


def test_what_was_refused_is_sent_by_its_author_only(visit: Visit, mel: Membership, hall: Room, porch: Room) -> None:
    page = visit(hall.get_absolute_url(), mel)
    page.wait_for_timeout(500)
    mute(mel, is_muted=True)
    say(page, "Monday's words")
    expect(page.locator(FAILED)).to_contain_text("not write")
    mute(mel, is_muted=False)
    # Neither from another room, nor from a second tab, nor from its own room.
    page.goto(porch.get_absolute_url())
    say(page, "elsewhere")
    hears(page, "elsewhere")
    second = page.context.new_page()
    for one in (second, page):
        one.goto(hall.get_absolute_url())
        expect(one.locator(FAILED)).to_contain_text("not write")
        one.evaluate("dispatchEvent(new Event('online'))")
        say(one, "Friday's words")
        expect(one.locator(WRITTEN).last).to_contain_text("Friday's words")
        expect(one.locator(FAILED)).to_contain_text("Monday's words")
    assert not hall.messages.filter(text="Monday's words").exists()
    page.get_by_role("button", name="Try again").click()
    for one in (second, page):
        hears(one, "Monday's words")
        expect(one.locator("[data-pending]")).to_have_count(0)
    assert hall.messages.filter(text="Monday's words").count() == 1
    assert page.evaluate(WAITING) == 0


def test_what_is_tried_again_stands_behind_what_waited_longer(visit: Visit, mel: Membership, hall: Room) -> None:
    """Where it will stand in the room once it is stored; a page that is loaded anew says the same."""
    page = visit(STILL, mel)
    for number, age in ((1, 3000), (2, 2000)):
        left_behind(page, mel, hall, f"thought {number}", age, refused="Not now.")
    door = shut_out(page, hall)
    waiting = page.locator("[data-pending] .msg-text")
    expect(waiting).to_have_text(["thought 1", "thought 2"])
    page.get_by_role("button", name="Try again").first.click()
    for _ in range(2):
        expect(waiting).to_have_text(["thought 2", "thought 1"])
        page.reload()
    door.open()
    page.evaluate("dispatchEvent(new Event('online'))")
    hears(page, "thought 1")
    expect(waiting).to_have_text(["thought 2"])
    expect(page.locator(FAILED)).to_contain_text("Not now.")


def test_what_is_of_another_day_is_shown_and_not_sent(visit: Visit, mel: Membership, hall: Room, porch: Room) -> None:
    page = visit(STILL, mel)
    left_behind(page, mel, hall, "yesterday's words", age=25 * 3600 * 1000)
    left_behind(page, mel, hall, "today's words", age=3600 * 1000)
    page.goto(porch.get_absolute_url())
    wait_until(page, lambda: hall.messages.exists())
    page.wait_for_timeout(300)
    assert [message.text for message in hall.messages.all()] == ["today's words"]
    page.goto(hall.get_absolute_url())
    expect(page.locator(FAILED)).to_contain_text("yesterday's words")
    expect(page.locator(FAILED)).to_contain_text("Not sent")
    page.get_by_role("button", name="Try again").click()
    hears(page, "yesterday's words")
    expect(page.locator("[data-pending]")).to_have_count(0)


def test_what_waits_for_another_room_keeps_its_order(visit: Visit, mel: Membership, hall: Room, porch: Room) -> None:
    page = visit(STILL, mel)
    asked: list[str] = []

    def carry(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def up(text: str | bytes) -> None:
            frame: dict[str, Any] = json.loads(text)
            if frame["type"] == "post":
                asked.append(frame["text"])
                if len(asked) == 1:  # as where the disk is full
                    socket.send(json.dumps({"type": "failed", "client_id": frame["client_id"], "reason": "full"}))
                    return
            server.send(text)

        socket.on_message(up)

    page.route_web_socket("**/live/", carry)
    for number, age in ((1, 3000), (2, 2000)):
        left_behind(page, mel, hall, f"thought {number}", age)
    page.goto(porch.get_absolute_url())
    wait_until(page, lambda: hall.messages.count() == 2, within=40)
    assert asked == ["thought 1", "thought 1", "thought 2"]
    assert [message.text for message in hall.messages.order_by("sequence")] == ["thought 1", "thought 2"]


def test_a_door_that_opens_ends_the_pause(visit: Visit, mel: Membership, hall: Room) -> None:
    """And whoever stands at the button of a message that goes on by itself stays at that message."""
    page = visit("/", mel)
    # Only an open socket or a waking page can end a pause: time itself does not pass in it.
    page.add_init_script(
        "const wait = setTimeout; setTimeout = (act, time) => wait(act, time >= 4000 ? 10 ** 8 : time)"
    )
    door = shut_out(page, hall)
    tried: list[str] = []
    page.on("requestfailed", lambda request: tried.append(request.url) if request.method == "POST" else None)
    say(page, "into the wind")
    wait_until(page, lambda: len(tried) >= 3)  # and before the next one the pause would be 8 s
    page.wait_for_timeout(300)
    door.open()
    page.evaluate("dispatchEvent(new Event('online'))")
    hears(page, "into the wind")
    assert hall.messages.count() == 1


def test_the_focus_outlives_what_goes_on_by_itself(visit: Visit, mel: Membership, hall: Room) -> None:
    page = visit("/", mel)
    door = shut_out(page, hall)
    say(page, "into the wind")
    for _ in range(5):  # each waking tries once more, without a pause
        page.evaluate("dispatchEvent(new Event('online'))")
        page.wait_for_timeout(200)
    expect(page.locator(FAILED)).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Discard").focus()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("[data-pending]")).to_be_focused()
    door.open()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator(WRITTEN).filter(has_text="into the wind")).to_be_focused(timeout=20_000)


def test_of_many_that_are_refused_at_once_one_is_said(visit: Visit, mel: Membership, hall: Room) -> None:
    page = visit(STILL, mel)
    for number in range(3):
        left_behind(page, mel, hall, f"words {number}", refused="You may not write here.")
    page.goto(hall.get_absolute_url())
    expect(page.locator(FAILED)).to_have_count(3)
    expect(page.locator(f"{FAILED} [role=alert]")).to_have_count(1)
    page.wait_for_timeout(3100)
    mute(mel, is_muted=True)
    say(page, "one more")
    expect(page.locator(f"{FAILED} [role=alert]").filter(has_text="not write")).to_have_count(2)


def test_whoever_signs_in_next_sends_nothing_of_it(visit: Visit, mel: Membership, bea: Membership, hall: Room) -> None:
    page = visit("/", mel)
    door = shut_out(page, hall)
    say(page, "Mel's words")
    expect(page.locator("[data-pending]")).to_be_visible()
    # As in a second tab: the first one lies there as it was.
    page.context.clear_cookies()
    name, here = settings.SESSION_COOKIE_NAME, page.evaluate("origin")
    page.context.add_cookies([{"name": name, "value": session_of(bea), "url": here}])
    page.route("**/messages/", lambda route: route.abort())  # whose token would be of yesterday: the socket has none
    with page.expect_navigation():
        door.open()
        page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator(".app")).to_have_attribute("data-me", str(bea.pk))
    page.unroute("**/messages/")
    say(page, "Bea's words")
    hears(page, "Bea's words")
    assert [message.text for message in hall.messages.all()] == ["Bea's words"]
    expect(page.locator("[data-pending]")).to_have_count(0)
    assert page.evaluate(WAITING) == 1, "they are Mel's, and wait for her"


def test_where_one_may_only_read_what_waited_can_be_read_and_discarded(
    visit: Visit, mel: Membership, hall: Room
) -> None:
    page = visit(STILL, mel)
    left_behind(page, mel, hall, "one last word")
    left_behind(page, mel, hall, "and another", refused="You may not write here.")
    mute(mel, is_muted=True)
    page.goto(hall.get_absolute_url())
    waiting = page.locator(FAILED)
    expect(waiting).to_have_count(2)
    expect(waiting.filter(has_text="one last word")).to_contain_text("Not sent")
    expect(waiting.filter(has_text="and another")).to_contain_text("You may not write here.")
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)
    page.get_by_role("button", name="Discard").first.click()
    expect(waiting).to_have_count(1)
    expect(page.locator("#log")).to_be_focused()
    assert page.evaluate(WAITING) == 1
    page.reload()
    expect(waiting).to_have_count(1)
    assert not hall.messages.exists()


@pytest.mark.parametrize("is_muted", [False, True])
def test_words_that_wait_lead_nobody_past_what_is_unread(
    visit: Visit, ada: Membership, mel: Membership, hall: Room, is_muted: bool
) -> None:
    written(ada, hall, 40)
    mute(mel, is_muted=is_muted)
    page = visit(STILL, mel)
    left_behind(page, mel, hall, "Monday's words", refused="Not now.")
    page.goto(hall.get_absolute_url())
    expect(page.locator(FAILED)).to_contain_text("Monday's words")
    page.wait_for_timeout(1500)
    expect(page.locator("#unread")).to_be_in_viewport()
    assert not ReadMark.objects.filter(membership=mel).exists()


def test_words_that_another_tab_sent_wait_no_longer_where_one_could_only_read(
    visit: Visit, mel: Membership, hall: Room
) -> None:
    mute(mel, is_muted=True)
    muted = visit(STILL, mel)
    left_behind(muted, mel, hall, "Monday's words")
    muted.goto(hall.get_absolute_url())
    expect(muted.locator(FAILED)).to_contain_text("Monday's words")
    mute(mel, is_muted=False)
    other = muted.context.new_page()
    other.goto(hall.get_absolute_url())
    hears(other, "Monday's words")
    expect(muted.locator("[data-pending]")).to_have_count(0)
