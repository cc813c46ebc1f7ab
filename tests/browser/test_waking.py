"""A page that slept, was left and come back to, whose clock or network lied: up to date, with every word kept."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserType, Page, Route, WebSocket, WebSocketRoute, expect

from communities.models import Membership, Room
from messaging.actions import delete_message, edit_message
from messaging.models import ReadMark
from tests.browser.conftest import FLAGS, Visit, elsewhere, frames_in, session_of, wait_until
from tests.browser.test_first_path import hears, say
from tests.browser.test_live_faults import WRITTEN, shut_out, written
from tests.servers import Server, start_server

pytestmark = pytest.mark.django_db(transaction=True)
NO_SOCKET = "WebSocket = class extends EventTarget { readyState = 0; send() {} close() {} static OPEN = 1 }"
#: Outlives its page.
SAID = """
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (text) {
  localStorage.said = (localStorage.said ?? "") + text;
  send.call(this, text);
};
"""
OWN_CLOCK = "const clock = Date.now.bind(Date); window.skew = 0; Date.now = () => clock() + skew"
WAITING = "Object.keys(localStorage).filter(key => key.startsWith('outbox:')).length"


@contextmanager
def asleep(browser: Browser) -> Iterator[None]:
    """The browser's pages stand still, as in a laptop that is shut."""
    found = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    pages = [process["id"] for process in found if process["type"] == "renderer"]
    assert pages
    for process in pages:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in pages:
            os.kill(process, signal.SIGCONT)


def test_a_quiet_page_is_asked_whether_it_is_there_and_need_not_ask(
    browser: Browser, mortal: list[Server], mel: Membership, hall: Room
) -> None:
    """The server gives up after 6 s here; the browser's answers keep the socket, and the page says nothing."""
    mortal.append(start_server(application="tests.abuse.deaf_asgi:application"))
    context = browser.new_context(base_url=mortal[-1].url, locale="en")
    context.add_cookies([{"name": "sessionid", "value": session_of(mel), "url": mortal[-1].url}])
    page = context.new_page()
    sockets: list[WebSocket] = []
    page.on("websocket", lambda socket: sockets.append(socket))
    page.goto(hall.get_absolute_url())
    page.wait_for_timeout(2_000)
    said: list[str | bytes] = []
    heard: list[str | bytes] = []
    sockets[0].on("framesent", lambda text: said.append(text))
    sockets[0].on("framereceived", lambda text: heard.append(text))
    page.wait_for_timeout(9_000)
    assert (len(sockets), sockets[0].is_closed(), said) == (1, False, [])
    assert 2 <= heard.count('{"type": "pong"}') <= 6
    context.close()


def test_a_page_that_slept_wakes_up_to_date(
    keeping_browser: Browser, mortal: list[Server], ada: Membership, mel: Membership, hall: Room
) -> None:
    written(ada, hall, 2)
    context = keeping_browser.new_context(base_url=mortal[0].url, locale="en")
    context.add_cookies([{"name": "sessionid", "value": session_of(mel), "url": mortal[0].url}])
    page = context.new_page()
    page.add_init_script(OWN_CLOCK)
    page.goto(hall.get_absolute_url())
    expect(page.locator(WRITTEN)).to_have_count(2)
    page.locator("#composer-text").fill("half a thought")
    page.evaluate("document.documentElement.dataset.same = 'yes'")
    page.evaluate("setTimeout(() => (window.skew = 3 * 3600 * 1000), 300)")
    message = hall.messages.get(sequence=1)
    with asleep(keeping_browser):
        mortal[0].process.kill()
        mortal[0].process.wait()
        elsewhere(lambda: edit_message(actor=ada, message=message, text="in other words"))
        written(ada, hall, 30, start=3)
        mortal.append(start_server(mortal[0].port))
    expect(page.locator(WRITTEN)).to_have_count(32, timeout=30_000)
    hears(page, "in other words")
    expect(page.locator("#composer-text")).to_have_value("half a thought")
    assert page.evaluate("document.documentElement.dataset.same") == "yes"
    say(page, "awake")
    hears_within(page, "awake", 20_000)
    context.close()


@pytest.fixture
def keeping_browser(browser_type: BrowserType, browser_type_launch_args: dict[str, Any]) -> Iterator[Browser]:
    """Keeps pages one has left as they were, as people's browsers do, and only the whole Chromium can."""
    program = os.environ["KREIS_CHROMIUM"]
    args = [*FLAGS.split(), "--enable-features=BackForwardCache,CacheControlNoStoreEnterBackForwardCache"]
    chosen = browser_type_launch_args | {"executable_path": program, "args": args}
    browser = browser_type.launch(**chosen, ignore_default_args=["--disable-back-forward-cache"])
    yield browser
    browser.close()


def without_no_store(route: Route) -> None:
    """What a browser that keeps pages all the same would do."""
    answer = route.fetch()
    headers = {name: value for name, value in answer.headers.items() if name != "cache-control"}
    route.fulfill(response=answer, headers=headers)


def test_going_back_does_not_bring_back_what_was_sent_or_discarded_meanwhile(
    keeping_browser: Browser, server: Server, mel: Membership, hall: Room, porch: Room
) -> None:
    context = keeping_browser.new_context(base_url=server.url, locale="en", permissions=["local-network-access"])
    context.add_cookies([{"name": "sessionid", "value": session_of(mel), "url": server.url}])
    page, second = context.new_page(), context.new_page()
    page.add_init_script("addEventListener('pageshow', event => (window.wasKept = event.persisted))")
    page.route(f"**{hall.get_absolute_url()}", without_no_store)
    door = shut_out(page, hall)
    say(page, "better not")
    expect(page.locator("[data-pending]")).to_be_visible()
    page.locator("#composer-text").fill("only once")
    second.route("**/messages/", lambda route: route.abort())
    second.route_web_socket("**/live/", lambda socket: socket.close(code=3000))
    page.goto(f"/c/{hall.community.slug}/me/")  # whose socket stays shut
    second.goto(hall.get_absolute_url())
    expect(second.locator("[data-pending]")).to_have_count(1)
    expect(second.locator("#composer-text")).to_have_value("only once")
    second.evaluate("key => localStorage.removeItem(key)", f"draft:{mel.pk}:{hall.pk}")
    second.evaluate(
        "Object.keys(localStorage).forEach(one => one.startsWith('outbox:') && localStorage.removeItem(one))"
    )
    second.close()
    door.open()
    page.evaluate("history.back()")
    page.wait_for_function("window.wasKept")
    expect(page.locator("[data-pending]")).to_have_count(0)
    expect(page.locator("#composer-text")).to_have_value("")
    say(page, "something else")
    hears(page, "something else")
    page.goto(porch.get_absolute_url())
    assert [message.text for message in hall.messages.all()] == ["something else"]
    context.close()


def test_of_two_drafts_the_newer_one_is_kept(visit: Visit, mel: Membership, hall: Room) -> None:
    first = visit(hall.get_absolute_url(), mel)
    second = first.context.new_page()
    second.goto(hall.get_absolute_url())
    first.locator("#composer-text").fill("a thought")
    second.locator("#composer-text").fill("a better one")
    first.reload()
    expect(first.locator("#composer-text")).to_have_value("a better one")
    # Sent in one tab, what another one wrote on stays.
    second.locator("#composer-text").fill("the best")
    first.locator("#composer-text").press("Enter")
    hears(second, "a better one")
    expect(second.locator("#composer-text")).to_have_value("the best")


def test_a_network_that_is_said_to_be_gone_is_seen_soon(visit: Visit, mel: Membership, hall: Room) -> None:
    """Well before anybody would have pinged; and where the socket answers all the same, nothing is said."""
    page = visit(hall.get_absolute_url(), mel)
    page.wait_for_timeout(500)
    lost = page.locator("[data-connection] [data-when=lost]")
    page.evaluate("dispatchEvent(new Event('offline'))")
    page.wait_for_timeout(3500)
    expect(lost).to_be_hidden()
    page.context.set_offline(True)
    expect(lost).to_be_visible(timeout=20_000)
    page.context.set_offline(False)
    expect(lost).to_be_hidden(timeout=20_000)


def test_a_stream_that_is_refused_keeps_the_others_open(visit: Visit, mel: Membership, hall: Room) -> None:
    """The page is loaded anew for it once; then it goes on, and what is written goes by its socket."""
    page = visit("/", mel)
    loads: list[str] = []
    forms: list[str] = []
    sockets: list[WebSocketRoute] = []

    def carry(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        sockets.append(socket)

        def down(text: str | bytes) -> None:
            for frame in frames_in(text):
                if frame["type"] == "subscribed" and frame["stream"] == "room":
                    frame = {"type": "refused", "stream": "room", "reason": "no"}
                socket.send(json.dumps(frame))

        server.on_message(down)

    page.add_init_script(OWN_CLOCK)
    page.route_web_socket("**/live/", carry)
    page.on("load", lambda _page: loads.append(page.url))
    page.on("request", lambda request: forms.append(request.url) if request.method == "POST" else None)
    page.goto(hall.get_absolute_url())
    wait_until(page, lambda: len(loads) == 2)
    page.wait_for_timeout(1000)
    say(page, "by the socket")
    expect(page.locator("[data-pending]:not([data-settled])")).to_have_count(0)
    assert hall.messages.get().text == "by the socket"
    assert forms == []
    # Refused again, an hour later.
    page.evaluate("window.skew = 3_600_000")
    count = len(sockets)
    sockets[-1].close(code=3000)
    wait_until(page, lambda: len(sockets) > count)
    page.wait_for_timeout(1000)
    assert len(loads) == 2
    expect(page.locator("[data-connection] [data-when=lost]")).to_be_hidden()


@pytest.mark.parametrize("has_socket", [False, True], ids=["form", "socket"])
def test_what_was_read_is_told_on_leaving(
    visit: Visit, ada: Membership, mel: Membership, hall: Room, has_socket: bool
) -> None:
    """By the form in any case: what a socket sends while its page goes may go with it."""
    written(ada, hall, 2)
    page = visit("/", mel)
    page.add_init_script(SAID if has_socket else NO_SOCKET)
    # Only what is told in leaving is told.
    page.add_init_script(
        "const wait = setTimeout; setTimeout = (act, time) => wait(act, time === 400 ? 10 ** 8 : time)"
    )
    page.goto(hall.get_absolute_url())
    page.wait_for_timeout(500)
    page.goto(f"/c/{hall.community.slug}/me/")
    wait_until(page, lambda: ReadMark.objects.filter(membership=mel, last_sequence=2).exists())
    said = page.evaluate("localStorage.said ?? ''")
    assert ('"subscribe"' in said, '"read"' in said) == (has_socket, False)


@pytest.mark.parametrize("is_kept", [False, True], ids=["loaded", "kept"])
def test_going_back_finds_the_room_up_to_date_and_the_draft(
    keeping_browser: Browser, server: Server, ada: Membership, mel: Membership, hall: Room, porch: Room, is_kept: bool
) -> None:
    # A page that a test hands over counts as one from the open net, which may not reach this machine.
    allowed = ["local-network-access"]
    context = keeping_browser.new_context(base_url=server.url, locale="en", permissions=allowed)
    context.add_cookies([{"name": "sessionid", "value": session_of(mel), "url": server.url}])
    page = context.new_page()
    page.add_init_script("addEventListener('pageshow', event => (window.wasKept = event.persisted))")
    if is_kept:
        page.route(f"**{hall.get_absolute_url()}", without_no_store)
    written(ada, hall, 2)
    page.goto(hall.get_absolute_url())
    expect(page.locator(WRITTEN)).to_have_count(2)
    page.locator("#composer-text").fill("half a thought")
    page.wait_for_timeout(500)
    page.goto(porch.get_absolute_url())
    message = hall.messages.get(sequence=1)
    elsewhere(lambda: delete_message(actor=ada, message=message))
    written(ada, hall, start=3)
    page.evaluate("history.back()")
    expect(page.locator(WRITTEN)).to_have_count(3, timeout=15_000)
    assert page.evaluate("window.wasKept") is is_kept
    expect(page.locator(f"{WRITTEN}[data-deleted]")).to_have_count(1)
    expect(page.locator("#composer-text")).to_have_value("half a thought")
    written(ada, hall, start=4)
    hears(page, "words 4")
    say(page, "a whole one")
    hears(page, "a whole one")
    context.close()


def test_a_clock_that_is_set_stops_nothing(visit: Visit, ada: Membership, mel: Membership, hall: Room) -> None:
    page = visit("/", mel)
    page.add_init_script(NO_SOCKET)
    page.add_init_script(OWN_CLOCK)
    page.goto(hall.get_absolute_url())
    for number, skew in enumerate((-86_400_000, 86_400_000), start=1):
        written(ada, hall, start=number)
        page.evaluate("skew => { window.skew = skew }", skew)
        expect(page.locator(WRITTEN)).to_have_count(number, timeout=30_000)
        expect(page.locator("#announcements")).to_have_text(f"Ada: words {number}", timeout=15_000)


def test_a_socket_that_hears_nothing_is_left_for_the_form_and_a_new_one(
    visit: Visit, ada: Membership, mel: Membership, hall: Room
) -> None:
    page = visit("/", mel)
    deaf: list[WebSocketRoute] = []
    opened: list[WebSocketRoute] = []
    answered: list[dict[str, Any]] = []

    def carry(socket: WebSocketRoute) -> None:
        opened.append(socket)
        server = socket.connect_to_server()

        def down(text: str | bytes) -> None:
            answered.extend(frame for frame in frames_in(text) if frame["type"] == "subscribed")
            if socket not in deaf:
                socket.send(text)

        socket.on_message(lambda text: None if socket in deaf else server.send(text))
        server.on_message(down)

    page.route_web_socket("**/live/", carry)
    page.goto(hall.get_absolute_url())
    wait_until(page, lambda: len(answered) == 2)
    page.wait_for_timeout(500)
    assert len(opened) == 1
    deaf.append(opened[0])
    say(page, "does anybody hear")
    hears_within(page, "does anybody hear", 30_000)
    expect(page.locator("[data-pending]")).to_have_count(0)
    wait_until(page, lambda: len(opened) > 1, within=30)
    assert hall.messages.count() == 1
    written(ada, hall, start=2)
    hears_within(page, "words 2", 15_000)


def hears_within(page: Page, text: str, milliseconds: int) -> None:
    expect(page.locator(WRITTEN).filter(has_text=text)).to_be_visible(timeout=milliseconds)


def test_where_timers_rest_received_bytes_are_acknowledged(visit: Visit, mel: Membership, hall: Room) -> None:
    page = visit("/", mel)
    acknowledged: list[int] = []

    def carry(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def up(text: str | bytes) -> None:
            frame = json.loads(text)
            acknowledged.extend([frame["bytes"]] if frame["type"] == "received" else [])
            server.send(text)

        socket.on_message(up)
        for _ in range(2):
            socket.send(json.dumps({"type": "noise", "text": "ü" * 100_000}, ensure_ascii=False))

    page.add_init_script("setInterval = () => 0")
    page.route_web_socket("**/live/", carry)
    page.goto(hall.get_absolute_url())
    wait_until(page, lambda: max(acknowledged, default=0) > 400_000)


def test_a_server_of_another_version_is_shown_as_it_speaks(
    visit: Visit, ada: Membership, mel: Membership, hall: Room
) -> None:
    page = visit("/", mel)

    def carry(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def down(text: str | bytes) -> None:
            for frame in frames_in(text):
                if frame["type"] == "message" and frame["change"] > 1:
                    head = frame["html"].split(">")[0]
                    nothing = frame | {"html": "<p>no message in it</p>"}
                    socket.send(json.dumps(nothing))
                    frame["html"] = f"{head}><p class='other'>said otherwise {frame['change']}</p></article>"
                socket.send(json.dumps({"type": "never heard of"}))
                socket.send(json.dumps(frame | {"more": [1]}))

        server.on_message(down)

    page.route_web_socket("**/live/", carry)
    page.goto(hall.get_absolute_url())
    page.wait_for_timeout(500)
    written(ada, hall, 2)
    hears(page, "said otherwise 2")
    message = hall.messages.get(sequence=1)
    elsewhere(lambda: edit_message(actor=ada, message=message, text="in other words"))
    hears(page, "said otherwise 3")
    expect(page.locator(WRITTEN)).to_have_count(2)


def test_what_a_closed_tab_left_another_one_sends(visit: Visit, mel: Membership, hall: Room) -> None:
    first = visit("/", mel)
    second = first.context.new_page()
    doors = [shut_out(page, hall) for page in (first, second)]
    say(first, "left behind")
    expect(first.locator("[data-pending]")).to_be_visible()
    first.close()
    doors[1].open()
    second.evaluate("dispatchEvent(new Event('online'))")
    hears_within(second, "left behind", 20_000)
    expect(second.locator("[data-pending]")).to_have_count(0)
    assert second.evaluate(WAITING) == 0
    assert hall.messages.count() == 1


def test_what_is_discarded_in_one_tab_is_gone_in_the_other(visit: Visit, mel: Membership, hall: Room) -> None:
    first = visit(hall.get_absolute_url(), mel)
    second = first.context.new_page()
    second.goto(hall.get_absolute_url())
    Membership.objects.filter(pk=mel.pk).update(muted_until="2999-01-01T00:00Z")
    say(first, "better not")
    failed = "[data-pending][data-state=failed]"
    expect(first.locator(failed)).to_be_visible()
    second.evaluate("dispatchEvent(new Event('online'))")
    expect(second.locator(failed)).to_be_visible()
    first.locator("[data-discard]").click()
    expect(first.locator("#composer-text")).to_be_focused()
    expect(second.locator("[data-pending]")).to_have_count(0)
    Membership.objects.filter(pk=mel.pk).update(muted_until=None)
    for page in (first, second):
        page.reload()
        expect(page.locator("[data-pending]")).to_have_count(0)
    assert not hall.messages.exists()


def test_a_draft_sent_in_one_tab_is_not_sent_again_from_the_other(visit: Visit, mel: Membership, hall: Room) -> None:
    first = visit(hall.get_absolute_url(), mel)
    first.locator("#composer-text").fill("only once")
    second = first.context.new_page()
    second.goto(hall.get_absolute_url())
    expect(second.locator("#composer-text")).to_have_value("only once")
    second.locator("#composer-text").press("Enter")
    hears(first, "only once")
    expect(first.locator("#composer-text")).to_have_value("")
    first.locator("#composer-text").fill("something else")
    say(second, "twice")
    hears(first, "twice")
    expect(first.locator("#composer-text")).to_have_value("something else")
