"""Services that a test may break: a Redis of its own and two web processes on it."""

import contextlib
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from operations.embedded.binaries import find_binaries
from tests.faults.database_wire import DatabaseWire
from tests.faults.house import House, Web, running_house
from tests.realtime.conftest import pytest_pyfunc_call  # noqa: F401  # coroutines run here, too
from tests.servers import Server, free_port, start_server

PATIENCE_SECONDS = 3


class Redis:
    """A Valkey without a memory, on a port that stays the same over a death."""

    def __init__(self) -> None:
        self.port = free_port()
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        binary = str(find_binaries().valkey)
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(
            [binary, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/"
        )
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise RuntimeError("Valkey did not start")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def freeze(self) -> None:
        """Connections stay open and are even accepted; nothing is ever answered."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def come_back(self) -> None:
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGCONT)
        else:
            self.start()


@dataclass
class Pair:
    """Two web processes on one Redis and the test's database."""

    one: Server
    other: Server
    redis: Redis
    log: Path

    def said(self) -> str:
        """What both wrote into their log since the last question."""
        text = self.log.read_bytes()
        self.log.write_bytes(b"")  # opened for appending: what follows begins at the start
        return text.decode()


class Wire:
    """Stands between a web process and Redis. Cut, it keeps its connections open and carries nothing more."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._carried: list[tuple[socket.socket, socket.socket]] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        threading.Thread(target=self._admit, daemon=True).start()

    def cut(self) -> None:
        """As where a firewall forgets a connection: neither end is told. New ones get through."""
        self._carried.clear()

    def _admit(self) -> None:
        while True:
            here, _address = self._door.accept()
            try:
                there = socket.create_connection(("127.0.0.1", self._target))
            except OSError:  # another test has just killed Redis: refuse, and stay for the next who asks
                here.close()
                continue
            ends = (here, there)
            self._carried.append(ends)
            for source, goal in (ends, ends[::-1]):
                threading.Thread(target=self._carry, args=(ends, source, goal), daemon=True).start()

    def _carry(self, ends: tuple[socket.socket, socket.socket], source: socket.socket, goal: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if ends in self._carried:
                    goal.sendall(data)
            goal.shutdown(socket.SHUT_WR)


@dataclass
class Hasty:
    """A web process that asks again every second, on a wire of its own to the pair's Redis."""

    server: Server
    wire: Wire


@pytest.fixture(scope="session")
def shared_hasty(shared_pair: "Pair") -> Iterator[Hasty]:
    wire = Wire(shared_pair.redis.port)
    running = start_server(
        application="tests.faults.hasty_asgi:application", REDIS_URL=f"redis://127.0.0.1:{wire.port}/0"
    )
    yield Hasty(running, wire)
    running.process.kill()
    running.process.wait()


@pytest.fixture
def hasty(shared_hasty: Hasty, pair: "Pair") -> Hasty:
    return shared_hasty


@pytest.fixture(scope="session")
def shared_pair(
    django_db_setup: None, django_db_blocker: object, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    """One pair for all tests of a worker: starting two costs 4 s."""
    path = tmp_path_factory.mktemp("pair") / "log"
    redis = Redis()
    with path.open("ab") as log:
        patient = "tests.faults.patient_asgi:application"
        one, other = (start_server(application=patient, log=log, REDIS_URL=redis.url) for _ in range(2))
    yield Pair(one, other, redis, path)
    for server in (one, other):
        server.process.kill()
        server.process.wait()
    redis.kill()


@pytest.fixture
def pair(shared_pair: Pair, transactional_db: None) -> Iterator[Pair]:
    shared_pair.said()
    yield shared_pair
    shared_pair.redis.come_back()


@pytest.fixture(scope="session")
def shared_house() -> Iterator[House]:
    """One house for all tests of a worker: building it costs 10 s."""
    with running_house() as built:
        yield built


@pytest.fixture
def house(shared_house: House) -> Iterator[House]:
    shared_house.said()
    yield shared_house
    shared_house.bring_back()


Wired = tuple[DatabaseWire, Web]


@pytest.fixture(scope="session")
def shared_wired(shared_house: House) -> Wired:
    """A web process whose wire to the database is ours, and whose patience is short."""
    wire = DatabaseWire(shared_house)
    web = shared_house.open_web(DATABASE_URL=wire.url, KREIS_DATABASE_SECONDS=str(PATIENCE_SECONDS))
    shared_house.wait_for(web)
    return wire, web


@pytest.fixture
def wired(house: House, shared_wired: Wired) -> Iterator[Wired]:
    yield shared_wired
    shared_wired[0].at_commit = None
