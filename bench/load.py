"""The load: people at open pages, in one process on one loop. Its own CPU is printed beside the servers'."""

import asyncio
import itertools
import json
import random
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

#: Stands in each text; what is heard is found by it without reading the frame.
MARK = re.compile(rb"bench(\d+)ed")
SEQUENCE = re.compile(rb'"sequence": (\d+)')
ACKNOWLEDGE_BYTES = 64 * 1024
TYPING_SECONDS = 3
PATIENCE_SECONDS = 60
#: On loopback a thousand answers would come at one moment: so long they are on their way from all over a country.
AWAY_SECONDS = (0.01, 0.15)
#: See static/js/live.js.
PING_AFTER_SECONDS = 50
#: One row of numbers for all runs: what an earlier one left in a room is not taken for this one's.
_numbers = itertools.count()


@dataclass(slots=True)
class Sent:
    """One message on its way."""

    at: float
    missing: int
    is_acknowledged: bool = False


@dataclass
class Load:
    """What all people together sent and heard."""

    latencies: list[float] = field(default_factory=list)
    sent: dict[int, Sent] = field(default_factory=dict)
    delivered: int = 0
    doubled: int = 0
    refused: list[str] = field(default_factory=list)
    ended: int = 0
    acknowledged: dict[int, str] = field(default_factory=dict)
    #: Called with the number of a message that everybody has and the server confirmed.
    on_done: Callable[[int], None] = lambda number: None

    def next_number(self, people: int) -> int:
        number = next(_numbers)
        self.sent[number] = Sent(time.perf_counter(), people)
        return number

    def heard(self, number: int, is_own: bool) -> None:
        message = self.sent[number]
        self.delivered += 1
        message.missing -= 1
        if not is_own:
            self.latencies.append(time.perf_counter() - message.at)
        self._look(number, message)

    def confirmed(self, number: int, message_id: str) -> None:
        self.acknowledged[number] = message_id
        self.sent[number].is_acknowledged = True
        self._look(number, self.sent[number])

    def _look(self, number: int, message: Sent) -> None:
        if message.missing == 0 and message.is_acknowledged:
            self.on_done(number)

    @property
    def lost(self) -> int:
        return sum(message.missing for message in self.sent.values())

    async def settle(self) -> None:
        """Until everything arrived or nothing more comes."""
        end = time.monotonic() + PATIENCE_SECONDS
        while self.lost or len(self.acknowledged) < len(self.sent):
            if time.monotonic() > end:
                return
            await asyncio.sleep(0.05)


class Person(WSListener):
    """One open page with its socket."""

    def __init__(self, load: Load, who: dict[str, str]) -> None:
        self.load = load
        self.room, self.slug, self.session = who["room"], who["slug"], who["session"]
        self.transport: WSTransport | None = None
        self.is_in = asyncio.Event()
        self._heard: set[int] = set()
        self._own: dict[str, int] = {}
        self._written: set[int] = set()
        self._bytes = self._acknowledged = self._newest = self._told = 0
        self._heard_at = time.monotonic()
        self._is_page = False
        self._signs: list[str] = []
        self._typed_at = 0.0

    async def open(self, port: int, is_limit: bool) -> None:
        path = self.room if is_limit else "live"
        headers = {} if is_limit else {"Cookie": f"__Host-session={self.session}", "Origin": f"http://localhost:{port}"}
        self.transport, _listener = await ws_connect(
            lambda: self, f"ws://localhost:{port}/{path}/", extra_headers=headers, enable_auto_pong=is_limit
        )
        self._is_page = not is_limit
        if is_limit:
            return
        self._tell(type="subscribe", stream="community", community=self.slug)
        self._tell(type="subscribe", stream="room", room=self.room)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.is_in.wait()

    def post(self, people: int) -> None:
        number = self.load.next_number(people)
        client_id = str(uuid.uuid4())
        self._own[client_id] = number
        self._written.add(number)
        text = f"bench{number}ed: a few plain words, as many as people write in one go."
        self._tell(type="post", room=self.room, client_id=client_id, text=text)

    def begin(self) -> None:
        """Who begins to write is seen to write; a page tells it every few seconds at most."""
        if (sign := f"typing:{self.room}") in self._signs and time.monotonic() - self._typed_at > TYPING_SECONDS:
            self._typed_at = time.monotonic()
            self._tell(type="sign", name=sign)

    def read(self) -> None:
        """A page that follows the newest says from time to time up to where it was read."""
        if self._is_page and self._newest > self._told:
            self._told = self._newest
            self._tell(type="read", room=self.room, sequence=self._newest)

    def tick(self) -> None:
        """A page that heard nothing for long asks whether anybody is there."""
        if self.transport and time.monotonic() - self._heard_at > PING_AFTER_SECONDS:
            self._heard_at = time.monotonic()
            self.transport.send(WSMsgType.TEXT, b'{"type":"ping"}')

    def _pong(self) -> None:
        if self.transport:
            self.transport.send_pong()

    def close(self) -> None:
        if self.transport:
            self.transport.disconnect(graceful=False)
        self.transport = None

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        self._heard_at = time.monotonic()
        if frame.msg_type != WSMsgType.TEXT:
            if frame.msg_type == WSMsgType.CLOSE:
                self.load.refused.append(f"closed with {frame.get_close_code()}")
            elif frame.msg_type == WSMsgType.PING and self._is_page:
                asyncio.get_running_loop().call_later(random.uniform(*AWAY_SECONDS), self._pong)
            return
        payload = frame.get_payload_as_bytes()
        self._bytes += len(payload)
        if self._is_page and self._bytes - self._acknowledged >= ACKNOWLEDGE_BYTES:
            self._acknowledged = self._bytes
            self._tell(type="received", bytes=self._bytes)
        numbers = [int(number) for number in MARK.findall(payload)]
        if numbers and self._is_page:
            self._newest = max(int(number) for number in SEQUENCE.findall(payload))
        for number in numbers:
            self._hear(number)
        if not numbers or b'"client_id"' in payload:
            self._read(json.loads(payload))

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.load.ended += 1

    def _hear(self, number: int) -> None:
        if number in self._heard:
            self.load.doubled += 1
            return
        self._heard.add(number)
        self.load.heard(number, number in self._written)

    def _read(self, frame: Any) -> None:
        for one in frame if isinstance(frame, list) else [frame]:
            if one["type"] == "subscribed" and one["stream"] == "room":
                self.is_in.set()
            elif one["type"] == "signs":
                self._signs = one["may"]
                if "here" in self._signs:
                    self._tell(type="sign", name="here", **{"is": True})
            elif one["type"] in {"refused", "failed"}:
                self.load.refused.append(one["reason"])
            elif (number := self._own.pop(one.get("client_id", ""), None)) is not None:
                self.load.confirmed(number, str(one.get("id", "")))

    def _tell(self, **frame: object) -> None:
        if self.transport:
            self.transport.send(WSMsgType.TEXT, json.dumps(frame).encode())
