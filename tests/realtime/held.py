"""A socket in this process, on a real hub, bus and database, so that a moment can be held still."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from communities.models import Membership, Room
from realtime.consumers import PageSocket
from tests.realtime.talking import session


@dataclass
class Held:
    """A socket of which both ends are in the hand."""

    session_key: str
    socket: PageSocket
    coming: "asyncio.Queue[dict[str, Any]]"
    said: "asyncio.Queue[dict[str, Any]]"

    async def send(self, **frame: Any) -> None:
        await self.coming.put({"type": "websocket.receive", "text": json.dumps(frame), "bytes": None})

    async def next(self) -> dict[str, Any]:
        """A frame, or where there is none in it the event itself."""
        async with asyncio.timeout(5):
            event = await self.said.get()
        frame: dict[str, Any] = json.loads(event["text"]) if event.get("text") else event
        return frame

    async def hear(self, kind: str) -> dict[str, Any]:
        while (frame := await self.next())["type"] != kind:
            pass
        return frame

    async def enter(self, room: Room) -> None:
        await self.send(type="subscribe", stream="room", room=str(room.pk))


@asynccontextmanager
async def held(member: Membership, key: str = "") -> AsyncIterator[Held]:
    """A page of a new session, or of the one with this key."""
    key = key or await session(member)
    coming: asyncio.Queue[Any] = asyncio.Queue()
    said: asyncio.Queue[Any] = asyncio.Queue()
    scope: Any = {"cookies": {settings.SESSION_COOKIE_NAME: key}, "headers": [], "path": "/live/"}
    socket = PageSocket(scope, coming.get, said.put)
    await coming.put({"type": "websocket.connect"})
    running = asyncio.create_task(socket.run())
    page = Held(key, socket, coming, said)
    await page.hear("websocket.accept")
    try:
        yield page
    finally:
        await coming.put({"type": "websocket.disconnect", "code": 1000})
        with suppress(TimeoutError):
            await asyncio.wait_for(running, 5)
