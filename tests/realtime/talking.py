"""What people do on their pages, for tests that are coroutines."""

import asyncio
import contextlib
import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from asgiref.sync import sync_to_async
from django.conf import settings
from django.urls import reverse
from websockets.asyncio.client import connect
from websockets.typing import Origin

from communities.models import Membership, Room
from messaging.actions import Draft, post_messages
from messaging.models import Message
from tests.realtime.conftest import Page, session_of
from tests.servers import Server

T = TypeVar("T")


async def act(do: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Something done with the database, as another process would do it."""
    return await sync_to_async(do)(*args, **kwargs)


async def session(member: Membership) -> str:
    return await act(session_of, member)


@dataclass
class Listener(Page):
    """Keeps what it passed over: an acknowledgement and the message itself may come in either order."""

    kept: list[dict[str, Any]] = field(default_factory=list)

    async def hear(self, kind: str, within: float = 5) -> dict[str, Any]:
        for place, frame in enumerate(self.kept):
            if frame["type"] == kind:
                return self.kept.pop(place)
        async with asyncio.timeout(within):
            while (frame := await self.next())["type"] != kind:
                self.kept.append(frame)
        return frame


@asynccontextmanager
async def page_at(server: Server, session_key: str) -> AsyncIterator[Listener]:
    """A page's socket to a certain web process."""
    headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session_key}"}
    address = f"ws://localhost:{server.port}/live/"
    async with connect(address, additional_headers=headers, origin=Origin(server.url), proxy=None) as opened:
        yield Listener(opened)


async def enter(page: Page, room: Room) -> dict[str, Any]:
    await page.send(type="subscribe", stream="room", room=str(room.pk))
    return await page.hear("subscribed")


async def follow(page: Page, slug: str) -> dict[str, Any]:
    await page.send(type="subscribe", stream="community", community=slug)
    return await page.hear("subscribed")


async def post(page: Page, room: Room, text: str, client_id: str = "", within: float = 5) -> dict[str, Any]:
    await page.send(type="post", room=str(room.pk), client_id=client_id or str(uuid.uuid4()), text=text)
    return await page.hear("posted", within)


async def silence(page: Page) -> None:
    """Wait until no more messages come, and pass over those that did."""
    while not await page.hears_nothing("message", 0.3):
        pass


async def heard_from(writer: Page, reader: Page, room: Room, within: float = 20) -> dict[str, Any]:
    """Speak until the reader in another process hears it: a bus that came (back) up may take a moment.

    What a thawed Redis kept may come first.
    """
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        said = await post(writer, room, "can you hear me?")
        with contextlib.suppress(TimeoutError):
            while (await reader.hear("message", 0.7))["id"] != said["id"]:
                pass
            return said
    raise AssertionError("the processes never hear one another again")


async def written(author: Membership, room: Room, text: str) -> Message:
    """A message that another process stored."""
    outcome = (await act(post_messages, [Draft(author, room, uuid.uuid4(), text)]))[0]
    assert isinstance(outcome, Message)
    return outcome


@dataclass(frozen=True)
class Answer:
    status: int
    text: str

    @property
    def data(self) -> Any:
        return json.loads(self.text)


@dataclass(frozen=True)
class Browser:
    """Pages and forms of one person, asked of a certain web process."""

    server: Server
    session_key: str

    async def get(self, path: str, within: float = 5) -> Answer:
        return await asyncio.to_thread(self._ask, path, None, within)

    async def post(self, path: str, within: float = 5, **fields: str) -> Answer:
        return await asyncio.to_thread(self._ask, path, fields, within)

    async def changes(self, room: Room, since: int) -> Any:
        path = reverse("changes", args=[room.community.slug, room.pk])
        return (await self.get(f"{path}?since={since}")).data

    async def write(self, room: Room, text: str, client_id: str = "") -> Answer:
        path = reverse("messages", args=[room.community.slug, room.pk])
        return await self.post(path, client_id=client_id or str(uuid.uuid4()), text=text)

    def _ask(self, path: str, fields: dict[str, str] | None, within: float) -> Answer:
        token = "x" * 32
        cookies = f"{settings.SESSION_COOKIE_NAME}={self.session_key}; {settings.CSRF_COOKIE_NAME}={token}"
        body = None if fields is None else urllib.parse.urlencode(fields | {"csrfmiddlewaretoken": token}).encode()
        wanted = urllib.request.Request(
            self.server.url + path, body, {"Cookie": cookies, "Accept": "application/json, text/html"}
        )
        try:
            with _opener.open(wanted, timeout=within) as answer:
                return Answer(answer.status, answer.read().decode())
        except urllib.error.HTTPError as answer:
            return Answer(answer.code, answer.read().decode())


class _StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        return None


_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _StayHere)
