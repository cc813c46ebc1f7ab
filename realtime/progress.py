"""What nobody told is found out all the same: how far things are is read again and again, for all pages here at once.

A process may die between storing a message and telling of it; while Redis is away processes cannot tell one another.
Pages need not ask for themselves: a thousand of them cost one statement every five seconds.
"""

import asyncio
import logging
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from channels.db import database_sync_to_async

from core import streams
from core.outage import is_outage
from realtime.news import FOR_ALL

if TYPE_CHECKING:
    from realtime.hub import Hub

logger = logging.getLogger(__name__)

READ_EVERY_SECONDS = 5


class Progress:
    """Shape: lives on the hub's loop."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._read: Mapping[str, str] = {}
        self._told: Mapping[str, str] = {}

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
        listened = list(self._hub.by_stream)
        read = database_sync_to_async(_how_far, thread_sensitive=False)
        before, self._read = self._read, await read(listened) if listened else {}
        for stream, frame in before.items():
            if frame != self._told.get(stream):
                self._hub.tell_here(stream, frame, sequence=FOR_ALL)
        self._told = before


def _how_far(names: Collection[str]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for ask in streams.progresses:
        found |= ask(names)
    return found
