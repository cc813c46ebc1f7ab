"""The default cache: Redis, and this process's memory for as long as Redis does not answer.

Limits on signing in are counted in it. A cache that is silently empty while Redis is away would lift every limit,
and one that raises would lock everybody out; counting per process is the third way.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import Any, TypeVar

import redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)
T = TypeVar("T")


class Breaker:
    """Whether Redis is asked. After a failure it rests; then one call tries it and the others do not wait for it."""

    #: Units: seconds.
    REST = 5.0

    def __init__(self) -> None:
        self._lock = Lock()
        self._resting_until = 0.0
        self._is_open = False

    def may_ask(self) -> bool:
        if not self._is_open:
            return True
        with self._lock:
            if time.monotonic() < self._resting_until:
                return False
            # This caller tries; whoever comes meanwhile stays with memory.
            self._resting_until = time.monotonic() + self.REST
            return True

    def failed(self) -> bool:
        """Rest from now on; whether this is news."""
        with self._lock:
            is_news = not self._is_open
            self._is_open = True
            self._resting_until = time.monotonic() + self.REST
            return is_news

    def succeeded(self) -> bool:
        """Ask again from now on; whether this is news."""
        if not self._is_open:
            return False
        with self._lock:
            is_news = self._is_open
            self._is_open = False
            return is_news


class Stores:
    """Both stores of one address, shared by all threads: Django makes a cache object per thread and per request."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        options = {
            "socket_connect_timeout": 0.3,
            "socket_timeout": 1.0,
            # A connection that Redis closed while it was idle is replaced at once; a slow Redis is not asked twice.
            "retry": Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
            **params.get("OPTIONS", {}),
        }
        self.redis = RedisCache(server, {**params, "OPTIONS": options})
        self.memory = LocMemCache(f"instead of {server}", {**params, "OPTIONS": {"MAX_ENTRIES": 20_000}})
        self.breaker = Breaker()

    def use(self, act: Callable[[BaseCache], T]) -> T:
        if self.breaker.may_ask():
            try:
                result = act(self.redis)
            except (redis.RedisError, OSError) as error:
                if self.breaker.failed():
                    logger.warning("Redis does not answer (%s); this process's memory stands in.", type(error).__name__)
            else:
                if self.breaker.succeeded():
                    logger.warning("Redis answers again.")
                    self.memory.clear()
                return result
        return act(self.memory)


_stores: dict[str, Stores] = {}
_stores_lock = Lock()


def _stores_of(server: str, params: dict[str, Any]) -> Stores:
    key = f"{server} {params.get('KEY_PREFIX', '')} {params.get('VERSION', '')}"
    with _stores_lock:
        if key not in _stores:
            _stores[key] = Stores(server, params)
        return _stores[key]


class RedisOrMemoryCache(BaseCache):
    """Django's Redis cache; while Redis is away, every call goes to memory instead, never to "miss" or an error.

    What is deleted while Redis is away may be there again afterwards, so keys that must not come back carry a
    version.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._stores = _stores_of(server, params)

    def add(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._stores.use(lambda store: store.add(key, value, timeout, version))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._stores.use(lambda store: store.get(key, default, version))

    def set(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._stores.use(lambda store: store.set(key, value, timeout, version))

    def touch(self, key: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._stores.use(lambda store: store.touch(key, timeout, version))

    def delete(self, key: Any, version: int | None = None) -> bool:
        return self._stores.use(lambda store: store.delete(key, version))

    def has_key(self, key: Any, version: int | None = None) -> bool:
        return self._stores.use(lambda store: store.has_key(key, version))

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        return self._stores.use(lambda store: store.incr(key, delta, version))

    def get_many(self, keys: Iterable[Any], version: int | None = None) -> dict[Any, Any]:
        wanted = list(keys)
        return self._stores.use(lambda store: store.get_many(wanted, version))

    def set_many(
        self, data: Mapping[Any, Any], timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> list[Any]:
        return self._stores.use(lambda store: store.set_many(dict(data), timeout, version))

    def delete_many(self, keys: Iterable[Any], version: int | None = None) -> None:
        unwanted = list(keys)
        self._stores.use(lambda store: store.delete_many(unwanted, version))

    def ask(self, of_redis: Callable[["redis.Redis"], T], instead: Callable[[], T]) -> T:
        """What Django's caches have no word for: of Redis itself, and while it is away of what stands in for it."""

        def act(store: BaseCache) -> T:
            return of_redis(store._cache.get_client(None, write=True)) if isinstance(store, RedisCache) else instead()

        return self._stores.use(act)

    def clear(self) -> None:
        """Only this cache's own keys: Django's would empty the whole database, queue and live fan-out included."""
        self._stores.use(self._clear)

    def _clear(self, store: BaseCache) -> None:
        if not isinstance(store, RedisCache):
            store.clear()
            return
        client = store._cache.get_client(None, write=True)
        for key in client.scan_iter(f"{self.key_prefix}:{self.version}:*", count=1000):
            client.delete(key)
