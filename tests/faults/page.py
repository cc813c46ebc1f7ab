"""A room's page without a browser: what `static/js/live.js`, `changes.js` and `outbox.js` do, with the same waits.

Only what a fault can meddle with: the socket and how it comes back, the asking for changes, and what is sent, in its
order and with its retries. What is shown and typed is tested in Chromium. Where a script changes, this changes.
"""

import asyncio
import contextlib
import itertools
import json
import random
import re
import time
import uuid
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, WebSocketException
from websockets.typing import Origin

from tests.faults.asking import Answer, ask

SHOWN = re.compile(r'<article [^>]*data-id="([0-9a-f-]{36})" data-sequence="(\d+)" data-change="(\d+)"')
# live.js
FIRST_WAIT, LONGEST_WAIT, PING_EVERY, ANSWER_WITHIN, RECEIVED_EVERY = 1.0, 30.0, 25.0, 8.0, 5.0
ACKNOWLEDGE_AFTER = 256 * 1024
RELOAD_ON, TOO_MANY = {4401, 4403}, 4429
# changes.js
EVERY, EVERY_WITHOUT_SOCKET, HOLE_MAY_LAST, TICK = 60.0, 10.0, 0.3, 2.0
# outbox.js
TRIES, LONGEST_PAUSE = 5, 8.0


@dataclass
class Item:
    """One message on its way."""

    text: str
    client_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    answer: dict[str, Any] | None = None
    reason: str = ""
    has_failed: bool = False
    is_refused: bool = False


@dataclass(frozen=True)
class Person:
    name: str
    session: str
    membership: str


class Page:
    """`has_socket=False`: its network lets no WebSocket through, so it posts by form and asks by timer."""

    def __init__(self, port: int, person: Person, slug: str, room: str, *, has_socket: bool = True) -> None:
        self.port, self.person, self.slug, self.room = port, person, slug, room
        self.has_socket = has_socket
        self.path = f"/c/{slug}/rooms/{room}/"
        self._tasks: set[asyncio.Task[None]] = set()
        self.errors: list[BaseException] = []
        # live.js
        self.socket: ClientConnection | None = None
        self.is_let_in = False
        self.codes: list[int] = []
        self.wait = FIRST_WAIT
        self._wake = asyncio.Event()
        self._unanswered = self._received = self._acknowledged = 0
        self._last_heard = 0.0
        self._answers: dict[str, asyncio.Future[dict[str, Any] | None]] = {}
        # changes.js
        self.change = 0
        self.shown: dict[str, dict[str, Any]] = {}
        self.frames: list[dict[str, Any]] = []
        self.reloads: list[str] = []
        self._ahead: set[int] = set()
        self._is_asking = self._is_wanted = False
        self._asked_at = time.monotonic()
        # outbox.js
        self.items: list[Item] = []
        self.said: list[Item] = []
        self._is_busy = False

    def go(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.errors.append(error)

    def __str__(self) -> str:
        state = "open" if self.is_open else "connected" if self.socket else "closed"
        unsent = [item.text for item in self.items]
        return f"{self.person.name}:{self.port} {state}, closed with {self.codes}, unsent {unsent}, {self.errors}"

    async def open(self) -> "Page":
        """Load the page; what it shows at first stands in it."""
        answer = await ask(self.port, self.path, self.person.session, accept="text/html")
        assert answer is not None, "no page"
        assert answer.is_ok, f"{answer.status} for {self.path}"
        found = re.search(r'data-change="(\d+)"', answer.text)
        assert found, "the page tells no change"
        self.change = int(found[1])
        for key, sequence, change in SHOWN.findall(answer.text):
            self.shown[key] = {"id": key, "sequence": int(sequence), "change": int(change)}
        if self.has_socket:
            self.go(self._live())
        self.go(self._tick_changes())
        return self

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # ---- live.js ----

    @property
    def is_open(self) -> bool:
        return self.is_let_in and self.socket is not None

    async def _live(self) -> None:
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
                    open_timeout=None,
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
                await socket.send(json.dumps(frame))
            with contextlib.suppress(WebSocketException):
                async for data in socket:
                    await self._heard(socket, str(data))
        finally:
            watch.cancel()
            self.socket = None
        return socket.close_code or 1006

    async def _heard(self, socket: ClientConnection, data: str) -> None:
        self._last_heard = time.monotonic()
        self._received += len(data.encode())
        if self._received - self._acknowledged > ACKNOWLEDGE_AFTER:
            await self._acknowledge(socket)
        frames = json.loads(data)
        for frame in frames if isinstance(frames, list) else [frames]:
            await self._take(socket, frame)

    async def _take(self, socket: ClientConnection, frame: dict[str, Any]) -> None:
        kind = frame["type"]
        if kind == "subscribed":
            self._unanswered -= 1
            if self._unanswered <= 0 and not self.is_let_in:
                self.is_let_in, self.wait = True, FIRST_WAIT
                self._again()
        if kind == "refused" and "stream" in frame:
            self.reloads.append(f"refused {frame}")
        if kind == "failed" and "stream" in frame:
            await socket.close()
        waiting = self._answers.get(frame.get("client_id", ""))
        if waiting is not None and not waiting.done():
            waiting.set_result(frame)
        elif kind == "message" and frame["room"] == self.room:
            self._hear(frame)
        elif kind == "subscribed" and frame.get("room") == self.room and frame["change"] > self.change:
            self.catch_up()

    async def _acknowledge(self, socket: ClientConnection) -> None:
        self._acknowledged = self._received
        await socket.send(json.dumps({"type": "received", "bytes": self._received}))

    async def _closed(self, code: int) -> None:
        self.is_let_in = False
        self.codes.append(code)
        if code in RELOAD_ON:
            self.reloads.append(f"closed with {code}")
        if code == TOO_MANY:
            self.wait = LONGEST_WAIT
        for waiting in list(self._answers.values()):
            if not waiting.done():
                waiting.set_result(None)
        wait = self.wait * (0.75 + random.random() / 2)
        self.wait = min(self.wait * 2, LONGEST_WAIT)
        await asyncio.sleep(wait)

    async def _tick_live(self, socket: ClientConnection) -> None:
        while True:
            await asyncio.sleep(RECEIVED_EVERY)
            if self._received > self._acknowledged:
                await self._acknowledge(socket)
            if time.monotonic() - self._last_heard > PING_EVERY:
                asked = time.monotonic()
                await socket.send('{"type": "ping"}')
                await asyncio.sleep(ANSWER_WITHIN)
                if self._last_heard < asked:  # half-open: nobody is there to close it with us
                    socket.transport.abort()

    async def _by_socket(self, item: Item) -> dict[str, Any] | None:
        if self.socket is None:
            return None
        frame = {"type": "post", "room": self.room, "client_id": item.client_id, "text": item.text}
        waiting = self._answers[item.client_id] = asyncio.get_running_loop().create_future()
        try:
            await self.socket.send(json.dumps(frame, ensure_ascii=False))
            async with asyncio.timeout(ANSWER_WITHIN):
                answer = await waiting
        except (TimeoutError, WebSocketException):
            return None
        finally:
            del self._answers[item.client_id]
        if answer is None or answer["type"] == "posted":
            return dict(answer) if answer else None
        return {"reason": answer["reason"], "is_final": answer["type"] == "refused"}

    # ---- changes.js ----

    def catch_up(self) -> None:
        self._is_wanted = True
        if not self._is_asking:
            self._is_asking = True
            self.go(self._catch_up())

    async def _catch_up(self) -> None:
        try:
            while self._is_wanted:
                self._is_wanted = False
                self._asked_at = time.monotonic()
                answer = await ask(self.port, f"{self.path}changes/?since={self.change}", self.person.session)
                if answer is not None and answer.is_gone:
                    self.reloads.append(f"changes: {answer.status}")
                if answer is None or not answer.is_ok:
                    break
                if answer.data["is_gap"]:
                    self.reloads.append("gap")
                for frame in answer.data["items"]:
                    self._apply(frame)
                self._advance(answer.data["up_to"])
        finally:
            self._is_asking = False

    def _hear(self, frame: dict[str, Any]) -> None:
        self.frames.append(frame)
        self._apply(frame)
        self._ahead.add(frame["change"])
        self._advance(self.change)
        if self._ahead:
            asyncio.get_running_loop().call_later(HOLE_MAY_LAST, lambda: self.catch_up() if self._ahead else None)

    def _apply(self, frame: dict[str, Any]) -> None:
        known = self.shown.get(frame["id"])
        if known is None or known["change"] <= frame["change"]:
            self.shown[frame["id"]] = frame

    def _advance(self, change: int) -> None:
        self.change = max(self.change, change)
        while self.change + 1 in self._ahead:
            self.change += 1
        self._ahead = {known for known in self._ahead if known > self.change}

    async def _tick_changes(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            if time.monotonic() - self._asked_at >= (EVERY if self.is_open else EVERY_WITHOUT_SOCKET):
                self.catch_up()

    # ---- outbox.js ----

    @property
    def is_empty(self) -> bool:
        return not self.items

    def post(self, text: str) -> Item:
        item = Item(text)
        self.items.append(item)
        self.said.append(item)
        self._work()
        return item

    def _work(self) -> None:
        if not self._is_busy:
            self._is_busy = True
            self.go(self._deliver_all())

    def _again(self) -> None:
        for item in self.items:
            item.has_failed = item.is_refused
        self._work()

    async def _deliver_all(self) -> None:
        try:
            while waiting := [item for item in self.items if not item.is_refused]:
                await self._deliver(waiting[0])
        finally:
            self._is_busy = False

    async def _deliver(self, item: Item) -> None:
        for attempt in itertools.count(1):
            answer = await (self._by_socket(item) if self.is_open else self._by_form(item))
            if answer is not None and answer.get("id"):
                item.answer = answer
                self.items.remove(item)
                return
            item.reason = (answer or {}).get("reason") or item.reason
            item.is_refused = bool(answer and answer.get("is_final"))
            if item.is_refused or attempt == TRIES:
                item.has_failed = True
            if item.is_refused:
                return
            await asyncio.sleep(min(0.5 * 2.0**attempt, LONGEST_PAUSE))

    async def _by_form(self, item: Item) -> dict[str, Any] | None:
        fields = {"client_id": item.client_id, "text": item.text}
        answer: Answer | None = await ask(self.port, f"{self.path}messages/", self.person.session, fields)
        if answer is None:
            return None
        data = answer.data or {}
        if answer.is_ok:
            return dict(data)
        return {"reason": data.get("reason", ""), "is_final": data.get("is_final", answer.is_gone)}
