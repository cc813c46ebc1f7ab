"""Sockets that talk to a real web process."""

import asyncio
import inspect
import json
import threading
import uuid
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections
from django.test import Client
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from communities.models import Membership
from realtime import bus, publish
from tests.servers import Server

#: None takes a third of it, on a busy machine either.
LONGEST_SECONDS = 150


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Runs tests that are coroutines, each on a loop in a thread of its own: the browser's loop may own this one.

    One that hangs says where. If even that hangs, pytest-timeout ends it: nobody waits for the thread.
    """
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    wanted = pyfuncitem._fixtureinfo.argnames
    arguments = {name: pyfuncitem.funcargs[name] for name in wanted}

    async def run() -> None:
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                await pyfuncitem.obj(**arguments)
        finally:
            await sync_to_async(connections.close_all)()

    def run_here() -> None:
        try:
            done.set_result(asyncio.run(run()))
        except BaseException as error:
            done.set_exception(error)

    done: Future[None] = Future()
    threading.Thread(target=run_here, daemon=True).start()
    done.result()
    return True


@dataclass
class Page:
    """A socket as a page has it."""

    socket: ClientConnection
    #: Much at once comes as a list: what of it has not been asked for yet.
    come: deque[dict[str, Any]] = field(default_factory=deque)

    async def next(self) -> dict[str, Any]:
        if not self.come:
            frames = json.loads(await self.socket.recv())
            self.come.extend(frames if isinstance(frames, list) else [frames])
        return self.come.popleft()

    async def send(self, **frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    async def hear(self, kind: str, within: float = 5) -> dict[str, Any]:
        """The next frame of a kind; others in between are passed over."""
        async with asyncio.timeout(within):
            while True:
                frame = await self.next()
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
def own_bus(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a hub in this process: it hears of no other process, whose numbers would make it catch up all the time."""
    group = f"bus-{uuid.uuid4().hex}"
    for module in (bus, publish):
        monkeypatch.setattr(module, "GROUP", group)


@pytest.fixture
def open_page(server: Server) -> Open:
    @asynccontextmanager
    async def open_it(
        session: str, origin: str | None = None, path: str = "/live/", port: int = 0
    ) -> AsyncIterator[Page]:
        headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"} if session else {}
        address = f"ws://localhost:{port or server.port}{path}"
        async with connect(
            address, additional_headers=headers, origin=Origin(origin or server.url), proxy=None
        ) as opened:
            yield Page(opened)

    return open_it
