"""Bodies of requests: gigabytes, and a byte a minute. Nothing of what is too long is kept, and the answer arrives."""

import asyncio
import contextlib
import time
from pathlib import Path

import pytest
from django.conf import settings

from communities.models import Membership
from core.bodies import MIB, MOST_BODY_BYTES, most_body_bytes
from realtime.bodies import MOST_THROWN_BYTES
from tests.abuse.raw import PATIENCE_SECONDS, Raw, connected, memory_of, pour
from tests.realtime.conftest import pytest_pyfunc_call  # noqa: F401
from tests.realtime.talking import session
from tests.servers import Server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("abuse")]

LOGIN = "/accounts/login/"


def head(server: Server, *more: str, path: str = LOGIN, method: str = "GET") -> bytes:
    """Got, not posted: Django writes each form without a token into the log. The body comes in the same way."""
    form = "Content-Type: application/x-www-form-urlencoded"
    lines = [f"{method} {path} HTTP/1.1", f"Host: localhost:{server.port}", form, *more, "", ""]
    return "\r\n".join(lines).encode()


def on_disk(server: Server) -> int:
    """Bytes of files that the process has open and nobody sees any more: what Twisted keeps of bodies."""
    total = 0
    for link in Path(f"/proc/{server.process.pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            if "(deleted)" in str(link.readlink()):
                total += link.stat().st_size
    return total


async def page(raw: Raw) -> str:
    """What follows the answer's headers, until the connection ends."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        return (await raw.reader.read(-1)).decode()


async def test_a_length_that_is_too_long_is_answered_at_once(watched: Server) -> None:
    for length in (MOST_BODY_BYTES + 1, 4 * 1024**3, 10**14):
        async with connected(watched) as raw:
            assert await raw.ask(head(watched, f"Content-Length: {length}")) == 413
            assert raw.headers["connection"] == "close"
            assert "content-security-policy" in raw.headers
            words = await page(raw)
            assert "Das ist zu viel auf einmal" in words
            assert "That is too much at once" in words


async def test_a_script_hears_that_it_is_final(watched: Server) -> None:
    async with connected(watched) as raw:
        assert await raw.ask(head(watched, "Content-Length: 99999999", "Accept: application/json")) == 413
        assert '"is_final": true' in await page(raw)


async def test_who_asks_first_is_not_told_to_go_on(watched: Server) -> None:
    async with connected(watched) as raw:
        assert await raw.ask(head(watched, "Content-Length: 99999999", "Expect: 100-continue")) == 413
    async with connected(watched) as raw:
        assert await raw.ask(head(watched, "Content-Length: 9", "Expect: 100-continue")) == 100


async def test_who_sends_it_all_the_same_gets_the_answer(watched: Server) -> None:
    """A closed socket with unread bytes is reset, and the answer lost; so they are taken for a while."""
    async with connected(watched) as raw:
        raw.writer.write(head(watched, f"Content-Length: {20 * MIB}"))
        await pour(raw, b"x" * 65536, 2 * MIB)
        await asyncio.sleep(1)  # the answer is there by now
        assert await pour(raw, b"x" * 65536, 18 * MIB) >= 18 * MIB
        assert await raw.ask(b"") == 413
        assert "zu viel auf einmal" in await page(raw)


async def test_a_body_without_a_length_is_counted(watched: Server) -> None:
    before = memory_of(watched)
    for path in (LOGIN, "/nowhere/"):
        async with connected(watched) as raw:
            raw.writer.write(head(watched, "Transfer-Encoding: chunked", path=path))
            await pour(raw, b"10000\r\n" + b"x" * 65536 + b"\r\n", 8 * MIB)
            assert on_disk(watched) <= MOST_BODY_BYTES + MIB
            assert await raw.ask(b"") == 413
            await page(raw)
    assert memory_of(watched) - before < 16 * MIB


async def test_of_gigabytes_only_so_much_is_taken(watched: Server) -> None:
    async with connected(watched) as raw:
        raw.writer.write(head(watched, "Transfer-Encoding: chunked"))
        began = time.monotonic()
        sent = await pour(raw, b"10000\r\n" + b"x" * 65536 + b"\r\n", 1024 * MIB)
        assert sent <= MOST_THROWN_BYTES + 32 * MIB
        assert time.monotonic() - began < PATIENCE_SECONDS


async def test_chunks_that_are_all_frame_are_counted_too(watched: Server) -> None:
    async with connected(watched) as raw:
        raw.writer.write(head(watched, "Transfer-Encoding: chunked"))
        await pour(raw, (b"1;" + b"e" * 900 + b"\r\nx\r\n") * 64, 8 * MIB)
        assert await raw.ask(b"") == 413


async def test_a_picture_may_be_longer(watched: Server, mel: Membership) -> None:
    """The twins: what is too long elsewhere is not here, and there is an end here as well."""
    key = await session(mel)
    path = f"/c/{mel.community.slug}/me/"
    cookie = f"Cookie: {settings.SESSION_COOKIE_NAME}={key}"
    for way, is_chunked in ((f"Content-Length: {3 * MIB}", False), ("Transfer-Encoding: chunked", True)):
        async with connected(watched) as raw:
            raw.writer.write(head(watched, way, cookie, path=path))
            if is_chunked:
                await pour(raw, b"10000\r\n" + b"x" * 65536 + b"\r\n", 3 * MIB)
                raw.writer.write(b"0\r\n\r\n")
            else:
                await pour(raw, b"x" * 65536, 3 * MIB)
            assert await raw.ask(b"") == 200
    async with connected(watched) as raw:
        assert await raw.ask(head(watched, f"Content-Length: {12 * MIB}", cookie, path=path)) == 413


async def test_the_longest_that_is_taken_is_taken(watched: Server) -> None:
    async with connected(watched) as raw:
        raw.writer.write(head(watched, f"Content-Length: {MOST_BODY_BYTES}"))
        await pour(raw, b"x" * 65536, MOST_BODY_BYTES)
        assert await raw.ask(b"") == 200


FALSE_LENGTHS = {
    "digits without end": ["Content-Length: " + "9" * 5000],
    "sixteen digits": ["Content-Length: " + "9" * 16],
    "below nothing": ["Content-Length: -1"],
    "with a sign": ["Content-Length: +5"],
    "twice": ["Content-Length: 5", "Content-Length: 6"],
    "and in chunks": ["Content-Length: 5", "Transfer-Encoding: chunked"],
    "packed": ["Transfer-Encoding: gzip, chunked"],
}


async def test_false_lengths_are_refused_in_silence(watched: Server) -> None:
    for name, lines in FALSE_LENGTHS.items():
        async with connected(watched) as raw:
            assert await raw.ask(head(watched, *lines)) == 400, name


async def test_a_body_that_trickles_in_is_given_up(watched: Server) -> None:
    for way in ("Content-Length: 1000", "Transfer-Encoding: chunked"):
        async with connected(watched) as raw:
            raw.writer.write(head(watched, way))
            began = time.monotonic()
            with contextlib.suppress(ConnectionError):
                while not raw.reader.at_eof() and time.monotonic() - began < PATIENCE_SECONDS:
                    raw.writer.write(b"1\r\nx\r\n")
                    await raw.writer.drain()
                    await asyncio.sleep(0.2)
            assert 2 < time.monotonic() - began < 3 + 5, way


async def test_a_body_that_comes_steadily_may_take_its_time(watched: Server) -> None:
    async with connected(watched) as raw:
        raw.writer.write(head(watched, f"Content-Length: {16 * 10_000}"))
        for _second in range(16):
            raw.writer.write(b"x" * 10_000)
            await raw.writer.drain()
            await asyncio.sleep(0.4)
        assert await raw.ask(b"") == 200


async def test_what_follows_on_the_same_connection_has_all_its_time(watched: Server) -> None:
    async with connected(watched) as raw:
        raw.writer.write(head(watched, "Content-Length: 4"))
        await asyncio.sleep(2)
        assert await raw.ask(b"a=b&") == 200
        await raw.reader.readexactly(int(raw.headers["content-length"]))
        await asyncio.sleep(2)
        assert await raw.ask(head(watched, "Content-Length: 0")) == 200


async def test_a_form_of_many_fields_does_not_stop_the_others(watched: Server) -> None:
    """Twisted would read it as well, in the loop: eight of these held everybody up for 5 s."""
    body = b"a&" * (MIB // 2)

    async def send() -> int:
        async with connected(watched) as raw:
            return await raw.ask(head(watched, f"Content-Length: {len(body)}", path="/live/", method="POST") + body)

    async def look() -> float:
        began = time.monotonic()
        async with connected(watched) as raw:
            assert await raw.ask(f"GET /leave/ HTTP/1.1\r\nHost: localhost:{watched.port}\r\n\r\n".encode()) == 200
        return time.monotonic() - began

    sending = [asyncio.create_task(send()) for _one in range(8)]
    waits = [await look()]
    while not all(task.done() for task in sending):
        waits.append(await look())
    assert {task.result() for task in sending} == {404}

    assert max(waits) < 3


def test_the_view_says_how_much_it_takes() -> None:
    assert most_body_bytes("/c/x/me/") == most_body_bytes("/c/x/me/?a=b") == 11 * MIB
    for other in ("/", LOGIN, "/c/x/me", "/c/x/people/", "/nowhere/", "*", "\xff", "/c/%ff/me/", "http://x/c/x/me/"):
        assert most_body_bytes(other) == MOST_BODY_BYTES, other
