"""How often something was done lately: counted at once for several keys, in Redis, or here while Redis is away.

Sliding windows: of each use the moment is kept, so that it is known to the second when there is room again. What is
refused is not counted; whoever keeps knocking waits no longer than whoever waits.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import redis
from django.core.cache import caches

from core.cache import RedisOrMemoryCache

#: Looks at all keys before it counts on any, and nothing comes in between: what runs in parallel cannot slip past.
_TAKE = """
local now, wait = tonumber(ARGV[1]), 0
for i, key in ipairs(KEYS) do
  local times, seconds = tonumber(ARGV[2 * i + 1]), tonumber(ARGV[2 * i + 2])
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - seconds)
  local used = redis.call('ZCARD', key)
  if used >= times then
    local first = redis.call('ZRANGE', key, used - times, used - times, 'WITHSCORES')
    wait = math.max(wait, math.min(seconds, tonumber(first[2]) + seconds - now))
  end
end
if wait > 0 then return tostring(wait) end
for i, key in ipairs(KEYS) do
  redis.call('ZADD', key, now, ARGV[2])
  redis.call('EXPIRE', key, math.ceil(tonumber(ARGV[2 * i + 2])))
end
return '0'
"""
#: In memory; then those that end first are forgotten. A key is some 300 bytes.
MOST_KEYS = 50_000
_SWEEP_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Count:
    """Of one key: so many uses in so many seconds."""

    key: str
    times: int
    seconds: float


def take(counts: Sequence[Count], *, token: str) -> float:
    """Count one use of each key, or of none. 0 where all had room, else the seconds until they have.

    `token` is unique and names the use, to give it back.
    """
    now = time.time()
    return _cache().ask(
        lambda client: _take_in_redis(client, counts, token, now), lambda: _here.take(counts, token, now)
    )


def give_back(counts: Sequence[Count], *, token: str) -> None:
    """As if that use had not been."""

    def of_redis(client: redis.Redis) -> None:
        pipe = client.pipeline(transaction=False)
        for one in counts:
            pipe.zrem(_key(one), token)
        pipe.execute()

    _cache().ask(of_redis, lambda: _here.give_back(counts, token))


def forget(counts: Sequence[Count]) -> None:
    """As if these keys had never been used."""

    def of_redis(client: redis.Redis) -> None:
        client.delete(*(_key(one) for one in counts))

    if counts:
        _cache().ask(of_redis, lambda: _here.forget(counts))


def _take_in_redis(client: redis.Redis, counts: Sequence[Count], token: str, now: float) -> float:
    limits = [number for one in counts for number in (one.times, one.seconds)]
    keys = [_key(one) for one in counts]
    return float(client.eval(_TAKE, len(keys), *keys, f"{now:.6f}", token, *limits))


def _key(one: Count) -> str:
    # The braces keep all of them in one place of a Redis Cluster, where a script may touch no other.
    return str(_cache().make_key(f"{{throttle}}:{one.key}:{one.times}/{one.seconds:g}"))


def _cache() -> RedisOrMemoryCache:
    cache = caches["default"]
    if not isinstance(cache, RedisOrMemoryCache):
        raise TypeError("Limits are counted in core.cache.RedisOrMemoryCache; see CACHES in config/settings.py.")
    return cache


class Here:
    """The same in this process's memory."""

    def __init__(self) -> None:
        self._lock = Lock()
        #: Shape: key → its window in seconds, and (moment, token) of each use, oldest first.
        self._uses: dict[Count, list[tuple[float, str]]] = {}
        self._swept_at = 0.0

    def take(self, counts: Sequence[Count], token: str, now: float) -> float:
        with self._lock:
            self._sweep(now)
            wait = max(self._wait(one, now) for one in counts)
            if wait <= 0:
                for one in counts:
                    self._uses.setdefault(one, []).append((now, token))
            return max(0.0, wait)

    def _wait(self, one: Count, now: float) -> float:
        uses = [use for use in self._uses.get(one, ()) if use[0] > now - one.seconds]
        if one in self._uses:
            self._uses[one] = uses
        if len(uses) < one.times:
            return 0.0
        return min(one.seconds, uses[len(uses) - one.times][0] + one.seconds - now)

    def give_back(self, counts: Sequence[Count], token: str) -> None:
        with self._lock:
            for one in counts:
                self._uses[one] = [use for use in self._uses.get(one, ()) if use[1] != token]

    def forget(self, counts: Sequence[Count]) -> None:
        with self._lock:
            for one in counts:
                self._uses.pop(one, None)

    def forget_all(self) -> None:
        with self._lock:
            self._uses.clear()

    def _sweep(self, now: float) -> None:
        if now - self._swept_at > _SWEEP_SECONDS or len(self._uses) >= MOST_KEYS:
            self._swept_at = now
            ends = {one: uses[-1][0] + one.seconds if uses else -math.inf for one, uses in self._uses.items()}
            living = sorted((one for one, end in ends.items() if end > now), key=ends.__getitem__)
            self._uses = {one: self._uses[one] for one in living[-MOST_KEYS // 2 :]}


_here = Here()
