"""What the web processes tell one another about who is here: a hash each in Redis, with 60 s of life.

A process that dies, hangs or is cut off says nothing more, and its people are gone with its hash. Nothing of this is
written to the database, and nothing lasts.
"""

import asyncio
import json
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

LIFE_SECONDS = 60
RENEW_SECONDS = 20
SECONDS_AN_EXCHANGE = 2

#: What others see of a person.
Card = dict[str, str | int]
#: place → person → card
Places = dict[str, dict[str, Card]]

#: The field of a hash that counts its changes; the others are places.
VERSION = ""


class SharedPresence:
    """Shape: lives on one event loop."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        prefix = settings.CHANNEL_LAYERS["default"]["CONFIG"]["prefix"]
        self._index = f"{prefix}:presence"
        self._redis: Any = None
        #: What our hash should say; another answer, or none, means that Redis has lost it, or forgot it while we slept.
        self._version = 0
        self._is_lost = True
        self._renewed_at = 0.0
        #: Of each other process: the version we know, and its people.
        self._known: dict[str, tuple[str, Places]] = {}
        self._others: Places = {}

    async def exchange(
        self, changed: set[str], people_at: Callable[[str], dict[str, Card]], places: Iterable[str]
    ) -> Places:
        """Say what changed here, and hear what changed elsewhere: one call where nothing did.

        Shape: the same object as last time where others said nothing new. Raises: whatever redis-py raises;
        TimeoutError after 2 s.
        """
        try:
            async with asyncio.timeout(SECONDS_AN_EXCHANGE):
                versions = await self._say_and_ask(set(places) if self._is_lost else changed, people_at)
                await self._hear({origin: said for origin, said in versions.items() if origin != self._origin})
        except BaseException:
            await self._hang_up()
            raise
        return self._others

    async def _say_and_ask(
        self, changed: set[str], people_at: Callable[[str], dict[str, Card]]
    ) -> dict[str, str | None]:
        """Shape: version by process; None for one whose hash is gone."""
        if self._redis is None:
            self._redis = Redis.from_url(
                settings.REDIS_URL,
                decode_responses=True,
                # redis-py's own limit for a call is a wait_for, which swallows being told to end on Python 3.11.
                socket_timeout=None,
                socket_connect_timeout=SECONDS_AN_EXCHANGE,
                retry=Retry(NoBackoff(), 0),
            )
        asked, known, was_lost = list(self._known), str(self._version), self._is_lost
        async with self._redis.pipeline(transaction=False) as call:
            call.hget(f"{self._index}:{self._origin}", VERSION)  # before anything of ours makes it anew
            must_write = bool(changed) or self._is_lost
            if must_write or time.monotonic() - self._renewed_at >= RENEW_SECONDS:
                self._write(call, changed, people_at, must_write)
            call.smembers(self._index)
            for origin in asked:
                call.hget(f"{self._index}:{origin}", VERSION)
            found, *done = await call.execute()
        self._is_lost = not was_lost and found != known
        members, *said = done[-1 - len(asked) :]
        return dict.fromkeys(members, "unknown") | dict(zip(asked, said, strict=True))

    def _write(
        self, call: Any, changed: set[str], people_at: Callable[[str], dict[str, Card]], must_write: bool
    ) -> None:
        own = f"{self._index}:{self._origin}"
        self._version += must_write
        people = {place: list(people_at(place).values()) for place in changed}
        if self._is_lost:
            call.delete(own)
        if emptied := [place for place, here in people.items() if not here]:
            call.hdel(own, *emptied)
        written = {place: json.dumps(here) for place, here in people.items() if here}
        call.hset(own, mapping={VERSION: self._version, **written})
        call.expire(own, LIFE_SECONDS)
        call.sadd(self._index, self._origin)
        call.expire(self._index, LIFE_SECONDS)
        self._renewed_at = time.monotonic()

    async def _hear(self, versions: dict[str, str | None]) -> None:
        gone = [origin for origin, version in versions.items() if version is None]
        news = [o for o, version in versions.items() if version and self._known.get(o, ("",))[0] != version]
        if not gone and not news:
            return
        async with self._redis.pipeline(transaction=False) as call:
            for origin in news:
                call.hgetall(f"{self._index}:{origin}")
            if gone:
                call.srem(self._index, *gone)
            answers = await call.execute()
        for origin in gone:
            self._known.pop(origin, None)
        for origin, said in zip(news, answers, strict=False):
            version = said.pop(VERSION, "")
            self._known[origin] = version, {place: _by_id(people) for place, people in said.items()}
        self._others = {}
        for _version, places in self._known.values():
            for place, people in places.items():
                self._others.setdefault(place, {}).update(people)

    async def _hang_up(self) -> None:
        """The next try makes new connections, and writes everything again."""
        client, self._redis, self._is_lost = self._redis, None, True
        if client is not None:
            await client.aclose()


def _by_id(people: str) -> dict[str, Card]:
    return {str(card["id"]): card for card in json.loads(people)}
