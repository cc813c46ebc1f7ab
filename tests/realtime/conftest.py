"""A real web process on a port of its own, and sockets that talk to it."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from websockets.asyncio.client import ClientConnection, connect

from communities.models import Membership


@dataclass
class Server:
    """A running daphne on the test's database."""

    port: int
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"


def database_url() -> str:
    values = connection.settings_dict
    return (
        f"postgres://{values['USER']}:{values['PASSWORD']}@/{values['NAME']}"
        f"?host={values['HOST']}&port={values['PORT'] or 5432}"
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_server(port: int | None = None, **environment: str) -> Server:
    port = port or free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "config.asgi:application"],
        env=os.environ | {"DATABASE_URL": database_url(), "KREIS_PREFIX": settings.CACHES["default"]["KEY_PREFIX"]} | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return Server(port, process)
        time.sleep(0.05)
    process.kill()
    raise RuntimeError("daphne did not start")


@pytest.fixture
def server(transactional_db: None) -> Iterator[Server]:
    running = start_server()
    yield running
    running.process.kill()
    running.process.wait()


@dataclass
class Page:
    """A socket as a page has it."""

    socket: ClientConnection

    async def send(self, **frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    async def hear(self, kind: str, within: float = 5) -> dict[str, Any]:
        """The next frame of a kind; others in between are passed over."""
        async with asyncio.timeout(within):
            while True:
                frame: dict[str, Any] = json.loads(await self.socket.recv())
                if frame["type"] == kind:
                    return frame

    async def hears_nothing(self, kind: str, for_seconds: float = 0.6) -> bool:
        try:
            await self.hear(kind, for_seconds)
        except TimeoutError:
            return True
        return False

    async def closed(self, within: float = 5) -> int:
        async with asyncio.timeout(within):
            await self.socket.wait_closed()
        return self.socket.close_code or 0


def session_of(member: Membership) -> str:
    client = Client()
    assert member.user is not None
    client.force_login(member.user)
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


Open = Callable[..., Any]


@pytest.fixture
def open_page(server: Server) -> Open:
    @asynccontextmanager
    async def open_it(session: str, origin: str | None = None, path: str = "/live/", port: int = 0) -> AsyncIterator[Page]:
        headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"} if session else {}
        address = f"ws://localhost:{port or server.port}{path}"
        async with connect(
            address, additional_headers=headers, origin=origin or server.url, proxy=None  # type: ignore[arg-type]
        ) as opened:
            yield Page(opened)

    return open_it
