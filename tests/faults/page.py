"""A room's page without a browser: what `static/js/` does (live, changes, outbox, delivery), with the same waits.

Only what a fault can meddle with: the socket and how it comes back, the asking for changes, and what is sent, in its
order and with its retries. What is shown and typed is tested in Chromium. Where a script changes, this changes:
test_mirror.py compares the numbers.
"""

import asyncio
import contextlib
import itertools
import random
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
EVERY, EVERY_WITHOUT_ANSWER, SPREAD, HOLE_MAY_LAST, CHANGES_TICK = 300.0, 10.0, 3.0, 0.3, 2.0
# delivery.js
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 8.0


@dataclass
class Item:
    """One message on its way."""

    text: str
    client_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    answer: dict[str, Any] | None = None
    reason: str = ""
    is_held: bool = False


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
        # presence.js
        self.here: set[str] = set()
        # outbox.js
        self.items: list[Item] = []
        self.said: list[Item] = []
        self._is_busy = False
        # delivery.js
        self._stirs = 0
        self._pause = asyncio.Event()

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
        elif frame["type"] == "subscribed" and frame.get("room") == self.room and frame["change"] != self.change:
            self.catch_up()
        elif frame["type"] == "progress" and frame["room"] == self.room and frame["change"] > self.change:
            self.go(self._catch_up_to(frame["change"]))
        elif frame["type"] == "presence":
            self._see(frame)

    def opened(self) -> None:
        self._again()

    # ---- presence.js ----

    async def be_here(self) -> None:
        """Somebody looks at the page."""
        assert self.socket is not None
        await self._say(self.socket, {"type": "sign", "name": "here", "is": True})

    def _see(self, frame: dict[str, Any]) -> None:
        before = set() if "people" in frame else self.here - set(frame.get("went", []))
        self.here = before | {card["id"] for card in frame.get("people") or frame.get("came", [])}

    # ---- changes.js ----

    def catch_up(self) -> None:
        self._is_wanted = True
        if not self._is_asking:
            self._is_asking = True
            self.go(self._catch_up())

    async def _catch_up_to(self, change: int) -> None:
        """All pages of the room hear it at once, and must not all ask at once."""
        await asyncio.sleep(random.random() * SPREAD)
        if change > self.change:
            self.catch_up()

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
            await asyncio.sleep(CHANGES_TICK)
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
        self._stir()
        self._work()

    async def _deliver_all(self) -> None:
        try:
            while waiting := [item for item in self.items if not item.is_held]:
                await self._deliver(waiting[0])
        finally:
            self._is_busy = False

    # ---- delivery.js ----

    def _stir(self) -> None:
        """Something is better than it was: no pause is worth its while."""
        self._stirs += 1
        self._pause.set()

    async def _deliver(self, item: Item) -> None:
        is_heard = True
        for attempt in itertools.count(1):
            stirs = self._stirs
            # A socket that did not answer may be half-open: then the form, while the socket is looked after.
            answer = await (self._by_socket(item) if self.is_open and is_heard else self._by_form(item))
            if answer is not None and answer.get("id"):
                item.answer = answer
                self.items.remove(item)
                return
            item.reason = (answer or {}).get("reason") or item.reason
            if answer is not None and answer["is_final"]:
                item.is_held = True
                return
            if answer is None and self.is_open:
                self.wake()
            is_stirred = stirs != self._stirs
            is_heard = answer is not None or is_stirred
            if not is_stirred:
                self._pause.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(min(FIRST_PAUSE * 2.0**attempt, LONGEST_PAUSE)):
                        await self._pause.wait()

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
        if answer.is_gone:
            self.reloads.append(f"form: {answer.status}")
        return {"reason": data.get("reason", ""), "is_final": data.get("is_final", False)}
