"""A web process that is told to end answers what it was asked, and sends its pages elsewhere."""

import asyncio
import signal
import socket
import time
from collections.abc import Iterator

import pytest

from communities.models import Membership
from realtime.draining import ANSWER_SECONDS, STOPPING
from tests.realtime.conftest import Open
from tests.realtime.talking import session
from tests.servers import Server, start_server

pytestmark = pytest.mark.django_db(transaction=True)

SLOW = b"POST /slow/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
QUICK = b"GET /nowhere/ HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def ending(transactional_db: None) -> Iterator[Server]:
    server = start_server(application="tests.realtime.slow_asgi:application", options=["-v", "0"])
    yield server
    server.process.kill()
    server.process.wait()


async def test_what_was_asked_is_answered_and_nobody_is_let_in(ending: Server) -> None:
    async with asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", ending.port)
        writer.write(SLOW)
        await asyncio.sleep(0.5)
        ending.process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.4)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", ending.port)
        answer = await reader.read()  # to the end: the connection is closed after it
        writer.close()
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"done")
    assert await asyncio.to_thread(ending.process.wait, 5) == 0


async def test_a_kept_connection_is_closed_and_one_that_says_nothing_holds_nobody_up(ending: Server) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", ending.port)
    writer.write(QUICK)
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 404")
    with (
        socket.create_connection(("127.0.0.1", ending.port)),
        socket.create_connection(("127.0.0.1", ending.port)) as half,
    ):
        half.sendall(b"GET / HTTP/1.1\r\nHost: loc")
        begin = time.monotonic()
        ending.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(2):
            await reader.read()
        assert await asyncio.to_thread(ending.process.wait, ANSWER_SECONDS) == 0
    assert time.monotonic() - begin < ANSWER_SECONDS / 2
    writer.close()


async def test_sockets_are_told_to_go_elsewhere(ending: Server, open_page: Open, mel: Membership) -> None:
    async with open_page(await session(mel), port=ending.port, origin=ending.url) as page:
        await page.send(type="ping")
        await page.hear("pong")
        ending.process.send_signal(signal.SIGTERM)
        assert await page.closed() == STOPPING
    assert await asyncio.to_thread(ending.process.wait, ANSWER_SECONDS) == 0
