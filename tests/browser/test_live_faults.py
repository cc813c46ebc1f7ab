"""A room in the browser while something breaks: nothing is lost, nothing stands twice, and the page says what is."""

import json
import uuid

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from communities.models import Membership, Room
from core import limits
from messaging.actions import Draft, mark_read, post_messages
from messaging.models import Message, ReadMark
from tests.browser.conftest import Visit, elsewhere, frames_in, session_of, wait_until
from tests.browser.test_first_path import hears, say
from tests.servers import Server, start_server

pytestmark = pytest.mark.django_db(transaction=True)

WRITTEN = "#log .msg[data-sequence]"


def written(author: Membership, room: Room, count: int = 1, start: int = 1) -> None:
    drafts = [Draft(author, room, uuid.uuid4(), f"words {number}") for number in range(start, start + count)]

    def write() -> None:
        while drafts:
            limits._seen.clear()  # a person may not say so much at once
            assert all(isinstance(outcome, Message) for outcome in post_messages(drafts[:40]))
            del drafts[:40]

    elsewhere(write)


class Door:
    """Both doors of a page's room. Shut, no socket stays open and no form arrives; the pages themselves load."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.is_shut = False
        self.sockets: list[WebSocketRoute] = []
        page.route_web_socket("**/live/", self._socket)
        page.route("**/messages/", lambda route: route.abort() if self.is_shut else route.continue_())

    def _socket(self, socket: WebSocketRoute) -> None:
        if self.is_shut:
            socket.close(code=3000)
            return
        socket.connect_to_server()
        self.sockets.append(socket)

    def shut(self) -> None:
        self.is_shut = True
        for socket in self.sockets:
            socket.close(code=3000)
        self.sockets = []

    def open(self) -> None:
        self.is_shut = False


def shut_out(page: Page, room: Room) -> Door:
    """The doors of a page that opened a room, was heard there, and finds them shut now."""
    door = Door(page)
    page.goto(room.get_absolute_url())
    page.wait_for_timeout(500)
    door.shut()
    return door


def test_a_web_process_that_comes_back_finds_the_page_as_it_was(
    browser: Browser, mortal: list[Server], ada: Membership, mel: Membership, hall: Room
) -> None:
    written(ada, hall)
    context = browser.new_context(base_url=mortal[0].url, locale="en")
    context.add_cookies([{"name": "sessionid", "value": session_of(mel), "url": mortal[0].url}])
    page = context.new_page()
    page.goto(hall.get_absolute_url())
    expect(page.locator("#unread")).to_be_visible()
    page.evaluate("document.documentElement.dataset.same = 'yes'")
    page.wait_for_timeout(500)

    mortal[0].process.kill()
    mortal[0].process.wait()
    lost, back = (page.locator(f"[data-connection] [data-when={name}]") for name in ("lost", "back"))
    say(page, "into the wind")
    expect(page.locator("[data-pending][data-state=pending]")).to_contain_text("into the wind")
    expect(lost).to_be_visible(timeout=8_000)
    written(ada, hall, 2, start=2)  # another web process goes on

    mortal.append(start_server(mortal[0].port))
    expect(back).to_be_visible(timeout=30_000)
    expect(lost).to_be_hidden()
    expect(page.locator(WRITTEN)).to_have_count(4, timeout=15_000)
    expect(page.locator("[data-pending]")).to_have_count(0)
    texts = page.locator(f"{WRITTEN} .msg-text").all_inner_texts()
    assert texts == ["words 1", "words 2", "words 3", "into the wind"]
    assert page.evaluate("document.documentElement.dataset.same") == "yes", "the page was loaded anew"
    assert hall.messages.count() == 4
    expect(back).to_be_hidden(timeout=8_000)
    context.close()


def test_a_lost_frame_is_noticed_by_the_number_of_the_next(
    visit: Visit, ada: Membership, mel: Membership, hall: Room
) -> None:
    page = visit("/", mel)
    lost: list[int] = []

    def lose_the_second(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def carry(text: str | bytes) -> None:
            for frame in frames_in(text):
                if frame["type"] == "message" and frame["sequence"] == 2:
                    lost.append(frame["change"])
                else:
                    socket.send(json.dumps(frame))

        server.on_message(carry)

    page.route_web_socket("**/live/", lose_the_second)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/changes/" in request.url else None)
    page.goto(hall.get_absolute_url())
    page.wait_for_timeout(500)
    written(ada, hall, 3)
    expect(page.locator(WRITTEN)).to_have_count(3)
    assert lost == [2]
    assert page.locator(WRITTEN).evaluate_all("all => all.map(one => one.dataset.sequence)") == ["1", "2", "3"]
    assert [url.split("?")[1].split("&")[0] for url in asked] == ["since=1"], (
        "asked once, from the last change without a hole"
    )


def test_a_page_in_another_room_sends_what_waits(visit: Visit, mel: Membership, hall: Room, porch: Room) -> None:
    page = visit("/", mel)
    door = shut_out(page, hall)
    say(page, "left behind")
    expect(page.locator("[data-pending]")).to_be_visible()
    door.open()
    page.goto(porch.get_absolute_url())
    waiting = "Object.keys(localStorage).filter(key => key.startsWith('outbox:')).length"
    wait_until(page, lambda: page.evaluate(waiting) == 0)
    assert hall.messages.get().text == "left behind"
    assert not porch.messages.exists()
    expect(page.locator("#log")).not_to_contain_text("left behind")
    page.goto(hall.get_absolute_url())
    expect(page.locator(WRITTEN)).to_have_count(1)
    expect(page.locator("[data-pending]")).to_have_count(0)


def test_many_unread_messages_open_at_the_line_and_the_way_to_the_newest_reads_them(
    visit: Visit, ada: Membership, mel: Membership, hall: Room
) -> None:
    written(ada, hall, 140)
    elsewhere(lambda: mark_read(member=mel, room=hall, sequence=10))
    page = visit(hall.get_absolute_url(), mel)
    page.wait_for_timeout(800)
    line = page.locator("#unread")
    expect(line).to_be_in_viewport()
    expect(page.locator("#unread + .msg, #unread + .day + .msg")).to_have_attribute("data-sequence", "11")
    assert ReadMark.objects.get(membership=mel).last_sequence == 10, "nothing below the fold counts as read"
    assert page.locator(WRITTEN).last.get_attribute("data-sequence") != "140"

    written(ada, hall, start=141)
    page.locator("[data-jump]").click()
    newest = page.locator(WRITTEN).last
    expect(newest).to_have_attribute("data-sequence", "141")
    expect(newest).to_be_in_viewport()
    expect(page.locator("[data-jump]")).to_be_hidden()
    page.wait_for_timeout(1000)
    assert ReadMark.objects.get(membership=mel).last_sequence == 141
    written(ada, hall, start=142)
    expect(newest).to_have_attribute("data-sequence", "142")
    page.wait_for_timeout(1000)
    page.goto(f"/c/{hall.community.slug}/rooms/")
    expect(page.locator(".nav-item[data-room][data-unread]")).to_have_count(0)


def test_two_tabs_send_what_waits_once_and_show_it_once(visit: Visit, mel: Membership, hall: Room) -> None:
    first = visit("/", mel)
    door = shut_out(first, hall)
    say(first, "in two places")
    expect(first.locator("[data-pending]")).to_be_visible()

    second = first.context.new_page()
    second.goto(hall.get_absolute_url())
    hears(second, "in two places")
    expect(second.locator("[data-pending]")).to_have_count(0)
    door.open()
    first.bring_to_front()
    hears(first, "in two places")
    expect(first.locator("[data-pending]")).to_have_count(0, timeout=15_000)
    say(second, "from the second")
    hears(first, "from the second")
    for page in (first, second):
        expect(page.locator(WRITTEN)).to_have_count(2)
        expect(page.locator(f"{WRITTEN}[data-mine]")).to_have_count(2)
    assert hall.messages.count() == 2
