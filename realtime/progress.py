"""What nobody told is found out all the same: how far things are is read again and again, for all pages here at once.

A process may die between storing a message and telling of it; while Redis is away processes cannot tell one another.
Pages need not ask for themselves: a thousand of them cost one statement every five seconds.
"""

import asyncio
import logging
import time
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from channels.db import database_sync_to_async

from core import streams
from core.outage import is_outage
from core.streams import Far
from realtime.catching_up import tell_again
from realtime.news import FOR_ALL

if TYPE_CHECKING:
    from realtime.hub import Hub, Subscriber

logger = logging.getLogger(__name__)

READ_EVERY_SECONDS = 5
#: It asks the database for each page: while Redis is away for long, it is not done all the time.
TELL_AGAIN_EVERY_SECONDS = 30


class Progress:
    """Shape: lives on the hub's loop."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._read: Mapping[str, Far] = {}
        self._told: Mapping[str, Far] = {}
        self._behind: set[Subscriber] = set()
        self._told_again_at = 0.0

    async def run(self) -> None:
        while True:
            await asyncio.sleep(READ_EVERY_SECONDS)
            try:
                await self.turn()
            except Exception as error:
                if not is_outage(error):  # else at the next turn
                    logger.exception("How far things are could not be read.")

    async def turn(self) -> None:
        """Tell what was read at the turn before: whoever has not heard of it by now will not, but for this."""
        listened = set(self._hub.by_stream)
        read = database_sync_to_async(_how_far, thread_sensitive=False)
        before, self._read = self._read, await read(listened) if listened else {}
        for stream, far in before.items():
            known = self._told.get(stream)
            if far == known:
                continue
            if far.frame:
                self._hub.tell_here(stream, far.frame, sequence=FOR_ALL)
            elif known is not None and self._hub.told.get(stream, 0) < far.number:
                self._behind |= self._hub.by_stream.get(stream, set())
        self._told = before
        if self._behind and time.monotonic() - self._told_again_at >= TELL_AGAIN_EVERY_SECONDS:
            self._told_again_at = time.monotonic()
            behind, self._behind = self._behind, set()
            await tell_again(behind)


def _how_far(names: Collection[str]) -> Mapping[str, Far]:
    found: dict[str, Far] = {}
    for ask in streams.progresses:
        found |= ask(names)
    return found
