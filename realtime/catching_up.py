"""What the bus lost is noticed by its numbers, and then every socket here asks.

Redis may die and be back before anybody saw it, a subscription may be made anew without a word, a message may not have
been taken in time. Each process numbers what it sends, its heartbeats too. Who hears a hole missed something and cannot
know what: news of a room, a read mark, or that somebody may no longer listen.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Collection
from typing import Protocol

logger = logging.getLogger(__name__)

#: Holes that several processes make together are one.
PAUSE_SECONDS = 0.5
#: Asking costs the database some milliseconds a socket. Units: seconds a socket, and at most.
SPREAD_PER_SOCKET, LONGEST_SPREAD = 0.02, 8.0
FORGET_AFTER_SECONDS = 300.0


class Asking(Protocol):
    """What this needs of a socket."""

    async def ask_again(self, ended_session: str = "") -> None: ...

    async def tell_again(self) -> None: ...

    async def cut(self) -> None: ...


class Numbers:
    """Of the messages on the bus: one's own, and how far those of the others have come."""

    def __init__(self) -> None:
        self._own = 0
        self._heard: dict[str, tuple[int, float]] = {}

    def take(self) -> int:
        """For one message; never for a second one, whether it was sent or not."""
        self._own += 1
        return self._own

    def has_hole(self, origin: str, number: object) -> bool:
        """Whether something of this origin did not arrive before this one. What comes late makes no hole."""
        if not origin or type(number) is not int:
            return False  # commands and the worker do not count
        now = time.monotonic()
        known, _heard_at = self._heard.get(origin, (0, now))
        self._heard[origin] = max(known, number), now
        if len(self._heard) > 100:
            self._heard = {one: last for one, last in self._heard.items() if now - last[1] < FORGET_AFTER_SECONDS}
        return number > known + 1

    def lack_somebody(self, seconds: float) -> bool:
        """Whether a process that was heard is silent for so long, and not yet forgotten: it died, or is cut off."""
        now = time.monotonic()
        return any(seconds < now - heard_at < FORGET_AFTER_SECONDS for _number, heard_at in self._heard.values())


async def or_cut(socket: Asking, asking: Awaitable[None]) -> None:
    """Whether it may stay. Where that cannot be asked it is cut: the page comes again, and is asked then."""
    try:
        await asking
    except Exception:
        logger.exception("A socket that had to ask again could not, and was cut.")
        await socket.cut()


async def catch_up(sockets: Collection[Asking]) -> None:
    """All ask whether they may stay, and tell their pages how far things are; who is behind asks for the rest."""
    await _spread(sockets, _catch_up)


async def tell_again(sockets: Collection[Asking]) -> None:
    """All tell their pages how far things are."""
    await _spread(sockets, lambda socket: socket.tell_again())


async def _spread(sockets: Collection[Asking], do: Callable[[Asking], Awaitable[None]]) -> None:
    spread = min(len(sockets) * SPREAD_PER_SOCKET, LONGEST_SPREAD)

    async def after_a_while(socket: Asking) -> None:
        await asyncio.sleep(random.random() * spread)  # noqa: S311  # nosec B311
        await do(socket)

    await asyncio.gather(*map(after_a_while, sockets))


async def _catch_up(socket: Asking) -> None:
    await or_cut(socket, socket.ask_again())
    await socket.tell_again()
