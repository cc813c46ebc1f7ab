"""The bus between web processes: what is news in one is told to the others, through Redis.

It may lose anything and say so late or never: every message is numbered, and one's own come back (`Bus.is_silent`).
Nobody waits for it: what is sent waits in a bounded queue, and a send takes 2 s at most.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from typing import Any

from channels.layers import get_channel_layer

from realtime.catching_up import Numbers
from realtime.news import News, pack, unpack

logger = logging.getLogger(__name__)

GROUP = "bus"
SEND_SECONDS = 2
HEARTBEAT_SECONDS, HEARTBEAT_WITHOUT_BUS_SECONDS = 3, 1
SILENT_AFTER_SECONDS = 6
MOST_WAITING = 1000


class Bus:
    """Shape: lives on the hub's loop. `take` gets the others' news; `missed` is called where some did not arrive."""

    def __init__(self, origin: str, take: Callable[[list[News]], None], missed: Callable[[], None]) -> None:
        self._origin, self._take_news, self._missed = origin, take, missed
        self._outbox: asyncio.Queue[list[News]] = asyncio.Queue(maxsize=MOST_WAITING)
        self._numbers = Numbers()
        self._last_echo = time.monotonic()
        self._is_away = False

    @property
    def is_silent(self) -> bool:
        """Whether our own heartbeat has not come back for a while: Redis is away or hangs."""
        return time.monotonic() - self._last_echo > SILENT_AFTER_SECONDS

    @property
    def may_lack_something(self) -> bool:
        """Whether we, or one of the others, are not heard: of what ended there nobody told us."""
        return self.is_silent or self._numbers.lack_somebody(SILENT_AFTER_SECONDS)

    def tell(self, news: list[News]) -> None:
        """Hand it to the other processes. Returns at once."""
        try:
            self._outbox.put_nowait(news)
        except asyncio.QueueFull:
            self._numbers.take()  # others hear the hole

    async def send(self) -> None:
        """All that is told, for as long as the process lives."""
        pause = HEARTBEAT_SECONDS
        while True:
            try:
                async with asyncio.timeout(pause):
                    news = await self._outbox.get()
            except TimeoutError:
                news = []
            number = self._numbers.take()
            try:
                message = pack(news, self._origin) | {"number": number}
                async with asyncio.timeout(SEND_SECONDS):
                    await _layer().group_send(GROUP, message)
                pause = HEARTBEAT_SECONDS
            except Exception as error:
                pause = HEARTBEAT_WITHOUT_BUS_SECONDS  # the first that arrives shows everybody the hole
                logger.debug("The bus did not take a message: %s", error)

    async def receive(self) -> None:
        """All that the others tell, for as long as the process lives."""
        while True:
            try:
                layer = _layer()
                async with asyncio.timeout(SEND_SECONDS):
                    channel = await layer.new_channel()
                    await layer.group_add(GROUP, channel)
                with contextlib.suppress(asyncio.QueueFull):
                    self._outbox.put_nowait([])  # a heartbeat at once: whether we are heard, and what we missed
                while True:
                    # Our own heartbeat comes all the time: silence is a connection that died without a word.
                    async with asyncio.timeout(SILENT_AFTER_SECONDS):
                        message = await layer.receive(channel)
                    self._take(message)
            except asyncio.CancelledError:
                raise
            except Exception as error:
                if not self._is_away:
                    logger.warning("Redis is away (%r): live news reach this process only until it is back.", error)
                self._is_away = True
                await _hang_up()
                end_where_told()
                await asyncio.sleep(1)

    def _take(self, message: dict[str, Any]) -> None:
        if self._numbers.has_hole(message.get("origin", ""), message.get("number")):
            self._missed()
        if message.get("origin") == self._origin:
            self._last_echo = time.monotonic()
            if self._is_away:
                logger.warning("Redis is back.")
            self._is_away = False
        elif news := self._unpacked(message):
            self._take_news(news)

    def _unpacked(self, message: dict[str, Any]) -> list[News]:
        """What cannot be read is of another version, while one after the other is brought up to date: pages ask."""
        try:
            return unpack(message)
        except Exception as error:
            logger.warning("A message on the bus could not be read: %r", error)
            self._missed()
            return []


def end_where_told() -> None:
    """A library that waits for a task of its own may have taken our being told to end for that task's end."""
    task = asyncio.current_task()
    if task and task.cancelling():
        raise asyncio.CancelledError


async def _hang_up() -> None:
    """Close the layer's connections, so that the next try makes new ones."""
    with contextlib.suppress(Exception):
        async with asyncio.timeout(SEND_SECONDS):
            await _layer().flush()


def _layer() -> Any:
    return get_channel_layer()
