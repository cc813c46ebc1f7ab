"""Who knocks at the socket without being a page of ours: refused, in words of HTTP, and the log stays empty."""

import contextlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import Session, User
from communities.models import Membership
from realtime import door
from realtime.consumers import BROKEN, SIGNED_OUT, TOO_MANY
from tests.abuse.raw import CLOSE, Headers, connected, raw_page, request
from tests.realtime.talking import act, session
from tests.servers import Server, start_server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("abuse")]

COOKIE = settings.SESSION_COOKIE_NAME

FALSE_COOKIES: Mapping[str, str | None] = {
    "none": None,
    "empty": "",
    "nothing": f"{COOKIE}=",
    "made up": f"{COOKIE}={'a' * 32}",
    "long": f"{COOKIE}={'a' * 5000}",
    "latin": f"{COOKIE}=a\xe9\xff",
    "path": f"{COOKIE}=../../etc/passwd",
    "sql": f"{COOKIE}='; DROP TABLE accounts_session; --",
    "nul": f"{COOKIE}=%00%00%00%00%00%00%00%00",
    "many": "; ".join(f"c{number}={number}" for number in range(900)),
    "crumbs": "=;=;;;=x;" * 500,
}


async def knock(server: Server, key: str, **how: Any) -> tuple[int, int]:
    """The status of the handshake, and the code that the server closes with; 0 where it does not."""
    async with connected(server) as raw:
        status = await raw.shake(session_key=key, **how)
        if status != 101:
            return status, await raw.ended()
        with contextlib.suppress(ConnectionError):
            await raw.say(type="ping")
        return status, raw.close_code if (await raw.next())[0] == CLOSE else 0


async def test_nobody_without_a_session_gets_a_socket(watched: Server, mel: Membership) -> None:
    # Accepted first: a browser learns the code only of an open socket.
    for name, cookie in FALSE_COOKIES.items():
        assert await knock(watched, "", more={"Cookie": cookie}) == (101, SIGNED_OUT), name
    expired, closed = await session(mel), await session(mel)
    await Session.objects.filter(pk=expired).aupdate(expire_date=timezone.now() - timedelta(seconds=1))
    assert await knock(watched, expired) == (101, SIGNED_OUT)
    assert await knock(watched, closed) == (101, 0)
    await User.objects.filter(pk=mel.user_id).aupdate(is_active=False)
    assert await knock(watched, closed) == (101, SIGNED_OUT)


FALSE_ORIGINS = [
    None,
    "",
    "null",
    "https://evil.example",
    "http://localhost",  # the same host, another port
    "http://localhost:1",
    "http://localhost:99999",
    "https://localhost:{port}",
    "ws://localhost:{port}",
    "http://127.0.0.1:{port}",
    "http://localhost.evil.example:{port}",
    "http://evil.example#localhost:{port}",
    "http://localhost:{port}@evil.example",
    "http://localhost:{port}/",
    "http://localhost:{port}, https://evil.example",
    "http://[",
    "http://[::1",
    "localhost:{port}",
    "file://",
    "\xe9\xff",
    "x" * 4000,
]


async def test_a_page_that_is_not_ours_gets_no_socket(watched: Server, mel: Membership) -> None:
    key = await session(mel)
    for origin in FALSE_ORIGINS:
        wanted = None if origin is None else origin.replace("{port}", str(watched.port))
        assert (await knock(watched, key, more={"Origin": wanted}))[0] in {400, 403}, origin


async def test_a_page_of_ours_gets_one(watched: Server, mel: Membership) -> None:
    """The twin of all refusals: also by the machine's other name, and with an address that asks something."""
    key = await session(mel)
    other = {"Host": f"127.0.0.1:{watched.port}", "Origin": f"http://127.0.0.1:{watched.port}"}
    ways: list[dict[str, Any]] = [{}, {"more": other}, {"path": "/live/?next=%00&x=1"}]
    for how in ways:
        assert await knock(watched, key, **how) == (101, 0), how


async def test_a_foreign_host_gets_no_socket_even_where_its_origin_fits(watched: Server, mel: Membership) -> None:
    key = await session(mel)
    for host in ("evil.example", "localhost:x", "", "local\xe9", "[", "localhost@evil", "a" * 3000):
        status, _code = await knock(watched, key, more={"Host": host, "Origin": f"http://{host}"})
        assert status in {400, 403}, host


FALSE_PATHS = [
    "/",
    "/live",
    "/live/x/",
    "/LIVE/",
    "//live/",
    "/live//",
    "/live/%00",
    "/live/%e9",
    "/%6cive/x",
    "/./live/",
    "/live/..",
    "/accounts/login/",
    "/static/css/base.css",
    "http://localhost/live/x",
    "/live/\xe9",
    "*",
    "x" * 8000,
]


async def test_an_unknown_path_is_refused_without_a_word_in_the_log(watched: Server, mel: Membership) -> None:
    key = await session(mel)
    for path in FALSE_PATHS:
        assert (await knock(watched, key, path=path))[0] in {400, 403, 404}, path


STRANGE: Mapping[str, Headers] = {
    "language": {"Accept-Language": "de;q=x,,;;q=" + "9" * 200 + ",*-*\xff"},
    "languages": {"Accept-Language": ",".join(["xx-yy;q=0.1"] * 600)},
    "subprotocols": {"Sec-WebSocket-Protocol": "chat, superchat, " + ", ".join(f"p{n}" for n in range(200))},
    "subprotocol in latin": {"Sec-WebSocket-Protocol": "\xe9"},
    "subprotocol in percent": {"Sec-WebSocket-Protocol": "%ff%00"},
    "root path": {"Daphne-Root-Path": "/elsewhere"},
    "root path in latin": {"Daphne-Root-Path": "\xe9"},
    "latin": {"X-\xe9": "x"},
    "underscore": {"X_Forwarded_For": "1.2.3.4"},
    "forwarded": {"X-Forwarded-For": "\xff, 1.2.3.4.5, [::"},
    "version": {"Sec-WebSocket-Version": "99"},
    "version in words": {"Sec-WebSocket-Version": "x"},
    "no key": {"Sec-WebSocket-Key": None},
    "key": {"Sec-WebSocket-Key": "short"},
    "key in latin": {"Sec-WebSocket-Key": "\xe9" * 22 + "=="},
    "no connection": {"Connection": None},
    "no host": {"Host": None},
    "deflate": {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"},
    "extensions": {"Sec-WebSocket-Extensions": "permessage-deflate; server_max_window_bits=999; x=\xe9"},
    "extension in signs": {"Sec-WebSocket-Extensions": ";;;===,,,\x7f"},
    "length in words": {"Content-Length": "x"},
    "huge": {"X-Huge": "x" * 20_000},
    "many": {f"X-{number}": "1" for number in range(600)},
    "nul": {"Cookie": f"{COOKIE}=\x00"},
    "colon": {"X:": ":"},
    "upgrades": {"Upgrade": "websocket, h2c"},
    "h2c": {"Upgrade": "h2c", "HTTP2-Settings": "AAMAAABkAAQAAP__"},
}


async def test_strange_headers_are_taken_or_refused_in_silence(watched: Server, mel: Membership) -> None:
    key = await session(mel)
    for name, more in STRANGE.items():
        async with connected(watched) as raw:
            status = await raw.shake(session_key=key, more=more)
            assert status < 500, name
            if status == 101 and "Cookie" not in more:
                assert "sec-websocket-extensions" not in raw.headers, name
                assert "sec-websocket-protocol" not in raw.headers, name
                assert await raw.lives(), name


async def test_other_methods_and_versions_get_no_socket_and_do_no_harm(watched: Server, mel: Membership) -> None:
    wanted = request(watched, session_key=await session(mel))
    for method in ("POST", "HEAD", "PUT", "OPTIONS", "X", "\xe9"):
        async with connected(watched) as raw:
            assert await raw.ask(wanted.replace(b"GET", method.encode("latin-1"), 1)) in {0, 400, 403, 405}, method
    for version in (b"HTTP/1.0", b"HTTP/0.9", b"HTTP/9.9", b"FTP/1.1", b""):
        async with connected(watched) as raw:
            assert await raw.ask(wanted.replace(b"HTTP/1.1", version, 1)) in {0, 101, 400, 404, 405, 505}, version


async def test_a_page_asked_where_the_socket_is_gets_a_page_that_says_so(watched: Server, mel: Membership) -> None:
    for method in (b"GET", b"POST", b"HEAD"):
        async with connected(watched) as raw:
            wanted = request(watched, session_key=await session(mel), more={"Upgrade": None, "Connection": None})
            assert await raw.ask(wanted.replace(b"GET", method, 1)) in {403, 404}, method


async def test_who_leaves_in_the_middle_of_the_handshake_leaves_nothing_behind(
    watched: Server, mel: Membership
) -> None:
    key = await session(mel)
    wanted = request(watched, session_key=key)
    for length in range(0, len(wanted) + 1, 20):
        async with connected(watched) as raw:
            raw.writer.write(wanted[:length])
            await raw.writer.drain()
    async with connected(watched) as raw:  # everything, and frames behind it before anybody was let in
        raw.writer.write(wanted + b"\x81\x80\x00\x00\x00\x00" * 10)
    async with raw_page(watched, key) as page:
        assert await page.lives()


async def test_who_opens_and_opens_is_told_to_wait_and_others_are_not(
    watched: Server, ada: Membership, mel: Membership
) -> None:
    key = await session(mel)
    codes = [(await knock(watched, key))[1] for _ in range(door.MOST_OPENED + 5)]
    assert codes[:10] == [0] * 10
    assert TOO_MANY in codes
    assert (await knock(watched, await session(ada)))[1] == 0


async def test_while_the_database_is_away_a_page_is_told_to_come_again(mel: Membership) -> None:
    key = await session(mel)
    without = await act(start_server, DATABASE_URL="postgres://kreis@127.0.0.1:1/nowhere")
    try:
        # Told, or hung up on after the 5 s that a handshake may take: a page comes again either way.
        assert await knock(without, key) in {(101, BROKEN), (0, 0)}
        assert await knock(without, "") == (101, SIGNED_OUT)
        assert without.process.poll() is None
    finally:
        without.process.kill()


async def test_made_up_sessions_are_not_asked_for_without_end(watched: Server, mel: Membership) -> None:
    """Each would be a question to the database, and nothing keeps somebody from making up another one."""
    codes: set[int] = set()
    for number in range(door.MOST_STRANGERS * 2):
        codes.add((await knock(watched, f"{number:032}", more={"X-Forwarded-For": f"2001:db8::{number:x}"}))[1])
        if TOO_MANY in codes:
            break
    assert codes == {SIGNED_OUT, TOO_MANY}
    assert await knock(watched, await session(mel), more={"X-Forwarded-For": "2001:db8:1::1"}) == (101, 0)
