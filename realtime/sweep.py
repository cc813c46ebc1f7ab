"""The safety net under `revoke`: sockets ask again when anything changed on which their rights rest.

What changed is read for all sockets of the process at once, as versions of rows: a thousand idle sockets cost three
statements a minute. A page that opens takes the last ones that were read for its session, so that nobody asks twice
because a process has just begun. While the bus is silent, or one of the others on it, nobody may have been told, so it
is read every few seconds.
"""

import asyncio
import logging
import time
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from channels.db import database_sync_to_async

from core import streams
from realtime.sessions import versions_of

if TYPE_CHECKING:
    from realtime.hub import Hub, Subscriber

logger = logging.getLogger(__name__)

ASK_AGAIN_SECONDS, ASK_AGAIN_SECONDS_WITHOUT_BUS = 60, 3
MOST_AT_ONCE = 4

Who = tuple[str, str]


class Sweep:
    """Shape: lives on the hub's loop."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        #: As last read, and when. Whoever asks for something afterwards is told what they say, or what came later.
        self._known: dict[Who, tuple[str, float]] = {}
        self._door = asyncio.Semaphore(MOST_AT_ONCE)

    async def run(self) -> None:
        swept = time.monotonic()
        while True:
            await asyncio.sleep(ASK_AGAIN_SECONDS_WITHOUT_BUS)
            if self._hub.bus.may_lack_something or time.monotonic() - swept >= ASK_AGAIN_SECONDS:
                swept = time.monotonic()
                try:
                    await self.sweep()
                except Exception as error:  # the database is away: at the next turn
                    logger.debug("Sockets could not be looked at: %s", error)

    def known_of(self, who: Who, asked_at: float) -> str:
        """The versions that an answer to what was asked at that moment rests on at least; "" where none are known."""
        versions, read_at = self._known.get(who, ("", 0.0))
        return versions if read_at < asked_at else ""

    async def read(self, asked: Collection[Who]) -> Mapping[Who, str]:
        """Versions for many sessions at once; "" for what is gone. To be called before they ask for anything."""
        found = await database_sync_to_async(_versions, thread_sensitive=False)(asked) if asked else {}
        read = {who: found.get(who, "") for who in asked}
        now = time.monotonic()
        self._known |= {who: (versions, now) for who, versions in read.items()}
        return read

    async def sweep(self) -> None:
        """Ask again wherever something is another than at the last answer."""
        sockets = [socket for sockets in self._hub.by_user.values() for socket in sockets]
        self._known = {}
        # Read before anybody asks: what changes in between is seen again the next time.
        versions = await self.read({_who(socket) for socket in sockets})
        changed = [socket for socket in sockets if versions[_who(socket)] != socket.versions]
        await asyncio.gather(*(self._ask(socket, versions[_who(socket)]) for socket in changed))

    async def _ask(self, socket: "Subscriber", versions: str) -> None:
        async with self._door:
            try:
                await socket.ask_again()
                socket.versions = versions
            except Exception as error:
                logger.debug("A socket could not ask again: %s", error)


def _who(socket: "Subscriber") -> Who:
    return socket.session_key, socket.user_id


def _versions(sessions: Collection[Who]) -> Mapping[Who, str]:
    people = {user_id for _key, user_id in sessions}
    standings = [standing(people) for standing in streams.standings]
    return {
        who: "|".join([versions, *(standing.get(who[1], "") for standing in standings)])
        for who, versions in versions_of(sessions).items()
    }
