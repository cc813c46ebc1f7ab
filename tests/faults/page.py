"""A room's page without a browser: what `static/js/live.js`, `changes.js` and `outbox.js` do, with the same waits.

Only what a fault can meddle with: the socket and how it comes back, the asking for changes, and what is sent, in its
order and with its retries. What is shown and typed is tested in Chromium. Where a script changes, this changes.
"""

import asyncio
import itertools
import re
import time
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.faults.asking import Answer, ask
from tests.faults.live import Live, Person

SHOWN = re.compile(r'<article [^>]*data-id="([0-9a-f-]{36})" data-sequence="(\d+)" data-change="(\d+)"')
# changes.js
EVERY, EVERY_WITHOUT_ANSWER, HOLE_MAY_LAST, TICK = 300.0, 10.0, 0.3, 2.0
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


class Page(Live):
    """`has_socket=False`: its network lets no WebSocket through, so it posts by form and asks by timer."""

    def __init__(self, port: int, person: Person, slug: str, room: str, *, has_socket: bool = True) -> None:
        super().__init__(port, person, slug, room)
        self.has_socket = has_socket
        self.path = f"/c/{slug}/rooms/{room}/"
        # changes.js
        self.change = 0
        self.shown: dict[str, dict[str, Any]] = {}
        self.frames: list[dict[str, Any]] = []
        self._ahead: set[int] = set()
        self._waiting: list[dict[str, Any]] = []
        self._is_asking = self._is_wanted = False
        self._was_answered = True
        self._asked_at = time.monotonic()
        # outbox.js
        self.items: list[Item] = []
        self.said: list[Item] = []
        self._is_busy = False

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
            self.go(self.live())
        self.go(self._tick_changes())
        return self

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # ---- what the socket says ----

    def heard(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "message" and frame["room"] == self.room:
            self._hear(frame)
        elif frame["type"] in {"subscribed", "progress"} and frame.get("room") == self.room:
            is_behind = frame["change"] > self.change
            if is_behind or (frame["type"] == "subscribed" and frame["change"] != self.change):
                self.catch_up()

    def opened(self) -> None:
        self._again()

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
                asked, numbers = self.change, [frame["sequence"] for frame in self.shown.values()]
                query = urlencode({"since": asked, "first": min(numbers, default=0), "last": max(numbers, default=0)})
                answer = await ask(self.port, f"{self.path}changes/?{query}", self.person.session)
                if answer is not None and answer.is_gone:
                    self.reloads.append(f"changes: {answer.status}")
                self._was_answered = answer is not None and answer.is_ok
                if answer is None or not answer.is_ok:
                    break
                if answer.data["is_gap"] or answer.data["up_to"] < asked:
                    self.reloads.append(f"asked since {asked}, answered {answer.data}")
                for frame in answer.data["items"]:
                    self._apply(frame)
                self._advance(answer.data["up_to"])
        finally:
            self._is_asking = False
            waiting, self._waiting = self._waiting, []
            for frame in waiting:
                self._show(frame)

    def _hear(self, frame: dict[str, Any]) -> None:
        self.frames.append(frame)
        # While the table is asked, what lies behind a hole waits for what fills it.
        if self._is_asking and frame["change"] > self.change + 1:
            self._waiting.append(frame)
        else:
            self._show(frame)

    def _show(self, frame: dict[str, Any]) -> None:
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
            if time.monotonic() - self._asked_at >= (
                EVERY if self.is_open and self._was_answered else EVERY_WITHOUT_ANSWER
            ):
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
        is_heard = True
        for attempt in itertools.count(1):
            # A socket that did not answer may be half-open: then the form, while the socket is looked after.
            answer = await (self._by_socket(item) if self.is_open and is_heard else self._by_form(item))
            if answer is not None and answer.get("id"):
                item.answer = answer
                self.items.remove(item)
                return
            is_heard = answer is not None
            if not is_heard and self.socket is not None:
                self.go(self.ping(self.socket))
            item.reason = (answer or {}).get("reason") or item.reason
            item.is_refused = bool(answer and answer.get("is_final"))
            if item.is_refused or attempt == TRIES:
                item.has_failed = True
            if item.is_refused:
                return
            await asyncio.sleep(min(0.5 * 2.0**attempt, LONGEST_PAUSE))

    async def _by_socket(self, item: Item) -> dict[str, Any] | None:
        frame = {"type": "post", "room": self.room, "client_id": item.client_id, "text": item.text}
        answer = await self.ask(frame)
        if answer is None or answer["type"] == "posted":
            return answer
        return {"reason": answer["reason"], "is_final": answer["type"] == "refused"}

    async def _by_form(self, item: Item) -> dict[str, Any] | None:
        fields = {"client_id": item.client_id, "text": item.text}
        answer: Answer | None = await ask(self.port, f"{self.path}messages/", self.person.session, fields)
        if answer is None:
            return None
        data = answer.data or {}
        if answer.is_ok:
            return dict(data)
        return {"reason": data.get("reason", ""), "is_final": data.get("is_final", answer.is_gone)}
