"""One hub per web process: it holds the sockets of each stream, and gives them what is news here and on the bus.

The bus may lose anything; what a socket missed it asks from the table (`changes?since=`). Nobody waits here: not for
Redis (see `Bus`) and not for a slow reader (see `PageSocket`). Why not Channels' groups with one
channel per socket: docs/decisions/0003-hub.md.
"""

import asyncio
import contextlib
import logging
import threading
import uuid
from collections import defaultdict
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db import connections

from core import streams
from core.streams import Here, Sign
from realtime import catching_up
from realtime.bus import Bus
from realtime.holding import Holding
from realtime.news import Bundle, Envelope, News, Revocation, bundled
from realtime.presence import Presence
from realtime.progress import Progress
from realtime.sweep import Sweep
from realtime.writer import Writer

logger = logging.getLogger(__name__)


class Subscriber(Protocol):
    """What the hub needs of a socket."""

    user_id: str
    language: str
    streams: dict[str, int]
    session_key: str
    #: What the rights of the last answer rested on; None where it was not looked at yet.
    versions: str | None
    #: See realtime.signs.
    signs: dict[str, Sign | Here]

    async def send_text(self, text: str) -> None: ...

    async def ask_again(self, ended_session: str = "") -> None: ...

    async def tell_again(self) -> None: ...

    async def cut(self) -> None: ...


@dataclass
class Hub:
    """Shape: lives on one event loop; only `hand_in` and `do_later` may be called from other threads."""

    loop: asyncio.AbstractEventLoop
    origin: str = field(default_factory=lambda: uuid.uuid4().hex)
    by_stream: dict[str, set[Subscriber]] = field(default_factory=lambda: defaultdict(set))
    by_user: dict[str, set[Subscriber]] = field(default_factory=lambda: defaultdict(set))
    #: Of each stream the newest number that was told here, while anybody listens.
    told: dict[str, int] = field(default_factory=dict)
    #: How often a right ended here. Who was asking meanwhile whether they may join was not yet told.
    ended_rights: int = 0

    def __post_init__(self) -> None:
        self._inbox: asyncio.Queue[list[News]] = asyncio.Queue()
        self.bus = Bus(self.origin, self._inbox.put_nowait, self._catch_up_soon)
        self._holding = Holding()
        self._clerk = ThreadPoolExecutor(1, "clerk")
        self._errands = ThreadPoolExecutor(1, "clerk's errands")
        self.writers = {kind: Writer(handle) for kind, handle in streams.batch_handlers.items()}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_catching_up = self._must_catch_up = False
        self.presence = Presence(self)
        self.sweep = Sweep(self)
        for work in (
            self._deliver,
            self.bus.send,
            self.bus.receive,
            self.sweep.run,
            Progress(self).run,
            self.presence.run,
        ):
            self._spawn(_without_end(work))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        # Not in the name of the request during which it begins: it goes on for others.
        task = self.loop.create_task(work, context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def do_later(self, work: Callable[[], object], *, may_hang: bool = False) -> None:
        """In the order handed in, on a thread of its own. From any thread; returns at once."""
        with contextlib.suppress(RuntimeError):  # the process is ending: pages ask for what they missed
            (self._errands if may_hang else self._clerk).submit(copy_context().run, run_safely, work)

    # ---- sockets ----

    def join(self, subscriber: Subscriber) -> None:
        self.by_user[subscriber.user_id].add(subscriber)

    def subscribe(self, subscriber: Subscriber, streams: dict[str, int]) -> None:
        if subscriber not in self.by_user.get(subscriber.user_id, ()):
            return  # left while it was asked what it may hear: nobody would ever take it out again
        subscriber.streams.update(streams)
        for stream in streams:
            self.by_stream[stream].add(subscriber)

    def keep_only(self, subscriber: Subscriber, streams: dict[str, int]) -> None:
        """What an answer no longer names is taken away."""
        for stream in subscriber.streams.keys() - streams.keys():
            self._drop(self.by_stream, stream, subscriber)
        subscriber.streams = {}
        self.subscribe(subscriber, streams)

    def leave(self, subscriber: Subscriber) -> None:
        self._drop(self.by_user, subscriber.user_id, subscriber)
        for stream in subscriber.streams:
            self._drop(self.by_stream, stream, subscriber)
        subscriber.streams = {}

    def _drop(self, index: dict[str, set[Subscriber]], key: str, subscriber: Subscriber) -> None:
        index[key].discard(subscriber)
        if not index[key]:
            del index[key]
            self.told.pop(key, None)

    # ---- news ----

    def hand_in(self, news: list[News]) -> None:
        """Local sockets first, then the other processes. From any thread; returns at once."""
        with contextlib.suppress(RuntimeError):  # the loop is closing: the table is the truth
            self.loop.call_soon_threadsafe(self._hand_in, news)

    def tell_here(self, stream: str, text: str, unless: str = "", sequence: int = 0) -> None:
        """Local sockets only, for what the other processes know by themselves. From the loop."""
        self._inbox.put_nowait([Envelope(stream, {"": text}, sequence, unless)])

    def _hand_in(self, news: list[News]) -> None:
        self._inbox.put_nowait(news)
        self.bus.tell(news)

    async def _deliver(self) -> None:
        while True:
            news = await self._inbox.get()
            while not self._inbox.empty():  # what came in meanwhile goes out together
                news = [*news, *self._inbox.get_nowait()]
            try:
                for item in bundled(news):
                    await self._deliver_or_tell(item)
            except Exception:
                logger.exception("News could not be bundled.")
            await asyncio.sleep(0)  # sending never waits by itself: others get their turn, too

    async def _deliver_or_tell(self, item: Bundle | Revocation) -> None:
        try:
            await self._deliver_one(item)
        except Exception:
            logger.exception("A piece of news could not be delivered.")

    async def _deliver_one(self, item: Bundle | Revocation) -> None:
        if isinstance(item, Revocation):
            self.ended_rights += 1
            self._forget(item)
            asked = [
                self._holding.while_asked(subscriber, subscriber.ask_again(item.session))
                for subscriber in list(self.by_user.get(item.user_id, ()))
            ]
            self._spawn(self._ask(item, asked))
            return
        self.told[item.stream] = max(item.highest, self.told.get(item.stream, 0))
        for subscriber in list(self.by_stream.get(item.stream, ())):
            if self._holding.held and self._holding.takes(subscriber, item):
                continue
            if text := item.text_for(subscriber):
                await subscriber.send_text(text)

    async def _ask(self, item: Revocation, asked: list[Coroutine[Any, Any, None]]) -> None:
        await asyncio.gather(*asked)
        self._forget(item)  # a page that was left while it was asked lingers no more than one left before

    def _forget(self, item: Revocation) -> None:
        if not item.session:
            self.presence.forget(item.user_id)

    # ---- what was missed ----

    def _catch_up_soon(self) -> None:
        """At most one round at a time, and one more where something was missed during it."""
        self._must_catch_up = True
        if not self._is_catching_up:
            self._is_catching_up = True
            self._spawn(self._catch_up())

    async def _catch_up(self) -> None:
        try:
            while self._must_catch_up:
                await asyncio.sleep(catching_up.PAUSE_SECONDS)
                self._must_catch_up = False
                self.ended_rights += 1  # whatever was missed may have been one, of somebody who is just opening a page
                await catching_up.catch_up({socket for sockets in self.by_user.values() for socket in sockets})
        finally:
            self._is_catching_up = False


async def _without_end(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """A mistake nobody thought of must not be the end of all live news."""
    while True:
        try:
            await work()
        except Exception:
            logger.exception("A part of the live layer failed, and begins again.")
        await asyncio.sleep(1)


def run_safely(work: Callable[[], object]) -> None:
    """What follows a stored message must not turn it into an error."""
    try:
        work()
    except Exception:
        logger.exception("What follows a change could not be done.")
    finally:
        if threading.current_thread().name.startswith("clerk"):
            connections.close_all()


_hub: Hub | None = None


def start_hub() -> Hub:
    """This process's hub, made on the running loop at the first request."""
    global _hub
    loop = asyncio.get_running_loop()
    if _hub is None or _hub.loop is not loop:
        _hub = Hub(loop)
    return _hub


def running_hub() -> Hub | None:
    """The hub where this is a web process; commands and the worker have none."""
    return _hub if _hub is not None and _hub.loop.is_running() else None
