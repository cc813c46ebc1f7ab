"""A page's socket, as `static/js/` has it (live, backoff, receipts): subscribing, coming back, answering for what came.

test_mirror.py compares the numbers.
"""

import asyncio
import contextlib
import json
import random
import time
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, WebSocketException
from websockets.typing import Origin

# backoff.js
FIRST_WAIT, LONGEST_WAIT, ASKED_TO_STAY_AWAY = 1.0, 8.0, 30.0
# live.js
PING_AFTER, ANSWER_WITHIN, LET_IN_WITHIN, LIVE_TICK = 50.0, 8.0, 15.0, 5.0
RELOAD_ON, TOO_MANY = {4401, 4403}, 4429
# receipts.js
MOST_UNACKNOWLEDGED = 64 * 1024
PONG = '{"type": "pong"}'


@dataclass(frozen=True)
class Person:
    name: str
    session: str
    membership: str


class Live(ABC):
    """One page's socket to one room and its community."""

    def __init__(self, port: int, person: Person, slug: str, room: str) -> None:
        self.port, self.person, self.slug, self.room = port, person, slug, room
        self._tasks: set[asyncio.Task[None]] = set()
        self.errors: list[BaseException] = []
        self.reloads: list[str] = []
        self.socket: ClientConnection | None = None
        self.is_let_in = False
        self.codes: list[int] = []
        self.wait = FIRST_WAIT
        self._wake = asyncio.Event()
        self._unanswered = self._received = self._acknowledged = 0
        self._last_heard = 0.0
        self._answers: dict[str, asyncio.Future[dict[str, Any] | None]] = {}

    @abstractmethod
    def heard(self, frame: dict[str, Any]) -> None: ...

    @abstractmethod
    def opened(self) -> None: ...

    def go(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.errors.append(error)

    @property
    def is_open(self) -> bool:
        return self.is_let_in and self.socket is not None

    async def live(self) -> None:
        headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={self.person.session}"}
        address, origin = f"ws://localhost:{self.port}/live/", Origin(f"http://localhost:{self.port}")
        while True:
            code = 1006
            try:
                async with connect(
                    address,
                    additional_headers=headers,
                    origin=origin,
                    proxy=None,
                    open_timeout=LET_IN_WITHIN,
                    ping_interval=None,
                    close_timeout=1,
                    max_size=None,
                ) as socket:
                    code = await self._talk(socket)
            except (OSError, InvalidHandshake, WebSocketException, EOFError):
                pass
            await self._closed(code)

    async def _talk(self, socket: ClientConnection) -> int:
        self.socket, self._unanswered = socket, 0
        self._received = self._acknowledged = 0
        self._last_heard = time.monotonic()
        watch = asyncio.create_task(self._tick_live(socket))
        try:
            for frame in (
                {"type": "subscribe", "stream": "community", "community": self.slug},
                {"type": "subscribe", "stream": "room", "room": self.room},
            ):
                self._unanswered += 1
                await self._say(socket, frame)
            with contextlib.suppress(WebSocketException):
                async for data in socket:
                    await self._heard(socket, str(data))
        finally:
            watch.cancel()
            self.socket = None
        return socket.close_code or 1006

    async def _say(self, socket: ClientConnection, frame: dict[str, Any]) -> None:
        await socket.send(json.dumps(frame, ensure_ascii=False))

    async def _heard(self, socket: ClientConnection, data: str) -> None:
        self._last_heard = time.monotonic()
        if data != PONG:
            self._received += len(data.encode())
        if self._received - self._acknowledged > MOST_UNACKNOWLEDGED:
            self._acknowledged = self._received
            await self._say(socket, {"type": "received", "bytes": self._received})
        frames = json.loads(data)
        for frame in frames if isinstance(frames, list) else [frames]:
            await self._take(socket, frame)

    async def _take(self, socket: ClientConnection, frame: dict[str, Any]) -> None:
        kind = frame["type"]
        if kind in {"subscribed", "refused"} and "stream" in frame:
            self._unanswered -= 1
            if kind == "refused":
                self.reloads.append(f"refused {frame}")
        if self._unanswered <= 0 and not self.is_let_in:
            self.is_let_in, self.wait = True, FIRST_WAIT
            self.opened()
        if kind == "failed" and "stream" in frame:
            await socket.close()
        waiting = self._answers.get(frame.get("client_id", ""))
        if waiting is not None and not waiting.done():
            waiting.set_result(frame)
        else:
            self.heard(frame)

    async def _closed(self, code: int) -> None:
        self.is_let_in = False
        self.codes.append(code)
        if code in RELOAD_ON:
            self.reloads.append(f"closed with {code}")
        wait = ASKED_TO_STAY_AWAY if code == TOO_MANY else self.wait
        self.wait = min(wait * 2, LONGEST_WAIT)
        for waiting in list(self._answers.values()):
            if not waiting.done():
                waiting.set_result(None)
        await asyncio.sleep(wait * (0.75 + random.random() / 2))

    async def _tick_live(self, socket: ClientConnection) -> None:
        while True:
            await asyncio.sleep(LIVE_TICK)
            if time.monotonic() - self._last_heard <= (PING_AFTER if self.is_let_in else LET_IN_WITHIN):
                continue
            if self.is_let_in:
                self.go(self._ping(socket, {"type": "ping"}))
            else:
                socket.transport.abort()

    def wake(self) -> None:
        """Where there is doubt: a ping that goes all the way, not only to the server's outermost layer."""
        if self.socket is not None:
            self.go(self._ping(self.socket, {"type": "ping", "of": "everything"}))

    async def _ping(self, socket: ClientConnection, frame: dict[str, Any]) -> None:
        heard = self._last_heard
        with contextlib.suppress(WebSocketException):
            await self._say(socket, frame)
            await asyncio.sleep(ANSWER_WITHIN)
            if self._last_heard == heard:  # half-open: nobody is there to close it with us
                socket.transport.abort()

    async def ask(self, frame: dict[str, Any]) -> dict[str, Any] | None:
        """The answer to a frame with a client_id; None where none came in time."""
        if self.socket is None:
            return None
        waiting: asyncio.Future[dict[str, Any] | None] = asyncio.get_running_loop().create_future()
        self._answers[frame["client_id"]] = waiting
        try:
            await self._say(self.socket, frame)
            async with asyncio.timeout(ANSWER_WITHIN):
                return await waiting
        except (TimeoutError, WebSocketException):
            return None
        finally:
            del self._answers[frame["client_id"]]
