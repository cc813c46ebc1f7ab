"""A house that a test may break: PostgreSQL (fsync on), Valkey and web processes of its own.

Started and minded by what `make run` starts and minds with, so that what comes back, comes back as it does there.
"""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from honcho.printer import Message as Event

from operations.embedded import processes
from operations.embedded.server import Server
from operations.embedded.servers import Servers
from operations.keeper import Keeper, Program
from operations.minder import Minder
from operations.programs import web_command
from operations.running import foreign
from operations.throwaway import throwaway_folder
from tests.faults.live import Person
from tests.servers import free_port

ROOMS = 60
START_SECONDS = 60.0


class Listening(Keeper):
    """A keeper that keeps what is said instead of printing it."""

    def __init__(self) -> None:
        super().__init__(lambda pids: None)
        self.lines: list[str] = []

    def handle(self, event: Event) -> None:
        if event.type == "line":
            self.lines.append(f"{event.name}: {event.data.decode(errors='replace').rstrip()}")
        else:
            super().handle(event)

    def print(self, text: str) -> None:
        self.lines.append(text.rstrip())


@dataclass(frozen=True)
class Web:
    """One web process; under its port it comes back."""

    program: Program
    port: int

    @property
    def pid(self) -> int:
        assert self.program.pid is not None
        return self.program.pid


class House:
    """Kill, freeze, bring back. The minding goes on in a thread, as in `make run`."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.keeper = Listening()
        self.minder = Minder(self.keeper.say)
        self.servers = Servers(folder, {}, pulse=lambda: self.keeper.turn(0.01))
        self.more = environment
        self.webs: list[Web] = []
        self.all_webs: list[Web] = []
        self.held: set[str] = set()
        self._errands: list[Callable[[], object]] = []
        self._is_closing = False
        self._thread = threading.Thread(target=self._mind, daemon=True)

    # ---- start and end ----

    def start(self, webs: int = 2) -> None:
        self.servers.start()
        self.environment = {
            **foreign(os.environ),
            **self.servers.addresses,
            "KREIS_TEST": "1",
            "KREIS_SECRET_KEY": settings.SECRET_KEY,
            "KREIS_SEAL_KEY": settings.SEAL_KEYS[0],
            "KREIS_VAR": str(self.servers.var),
            "PYTHONUNBUFFERED": "1",
            **self.more,
        }
        staged = self.call("tests.faults.stage", str(ROOMS))
        self.slug = str(staged["slug"])
        self.people = {name: Person(name, **keys) for name, keys in staged["people"].items()}
        self._rooms = list(staged["rooms"])
        self._thread.start()
        self.webs = [self.open_web() for _ in range(webs)]
        for web in self.webs:
            self.wait_for(web)

    def call(self, module: str, *arguments: str) -> Any:
        """What a program beside the house says, as JSON."""
        command = [sys.executable, "-m", module, *arguments]
        done = subprocess.run(command, env=self.environment, capture_output=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout or b"null")

    def open_web(self, *, command: Sequence[str] = (), **environment: str) -> Web:
        """One more, perhaps on another wire or another clock. It takes part in no conversation by itself."""
        port = free_port()
        whole = [*command, *web_command(port)[3:]] if command else web_command(port)
        started: list[Web] = []

        def launch() -> None:
            program = self.keeper.start(f"web {port}", whole, {**self.environment, **environment})
            started.append(Web(program, port))

        self._do(launch)
        self.all_webs += started
        return started[0]

    def close(self) -> None:
        self.bring_back()
        self._is_closing = True
        self._thread.join()
        self.keeper.stop(lambda: True)
        self.servers.stop(lambda: True)

    def _mind(self) -> None:
        while not self._is_closing:
            while self._errands:
                self._errands.pop(0)()
            self.keeper.turn(0.05)
            self.minder.mind(server for server in self.servers.dead() if server.title not in self.held)

    def _do(self, errand: Callable[[], object]) -> None:
        """The keeper belongs to one thread."""
        done = threading.Event()
        self._errands.extend((errand, done.set))
        assert done.wait(START_SECONDS)

    # ---- rooms, words, tables ----

    def take_room(self) -> str:
        return str(self._rooms.pop())

    def said(self) -> str:
        """What all processes wrote into their log since the last question."""
        lines, self.keeper.lines[:] = self.keeper.lines[:], []
        return "\n".join(lines)

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.servers.addresses["DATABASE_URL"], connect_timeout=5) as connection:
            return connection.execute(query, values).fetchall()

    # ---- accidents ----

    @property
    def postgres(self) -> Server:
        return self.servers.running[0]

    @property
    def redis(self) -> Server:
        return self.servers.running[1]

    def pids(self, thing: Server | Web) -> list[int]:
        if isinstance(thing, Web):
            return [thing.pid] if thing.program.is_alive and thing.program.pid else []
        head = thing.process.pid if thing.process else 0
        found = processes.living_in(thing.data, thing.program) - {head}
        return [*([head] if thing.is_running() else []), *found]

    def kill(self, thing: Server | Web) -> None:
        """kill -9, a server's children with it; it stays dead until it is brought back."""
        if isinstance(thing, Server):
            self.held.add(thing.title)
        processes.send(self.pids(thing), signal.SIGKILL)
        end = time.monotonic() + 10
        while self.pids(thing) and not isinstance(thing, Web):
            assert time.monotonic() < end
            time.sleep(0.01)

    def freeze(self, thing: Server | Web) -> None:
        """Connections stay open and are even accepted; nothing is ever answered."""
        processes.send(self.pids(thing), signal.SIGSTOP)

    def bring_back(self) -> None:
        """Everything; returns when it answers."""
        things: list[Server | Web] = [*self.servers.running, *self.all_webs]
        for thing in things:
            processes.send(self.pids(thing), signal.SIGCONT)
        self.held.clear()
        for server in self.servers.running:
            self.wait_until(partial(answers, server))
        for web in self.all_webs:
            self.wait_for(web)
            web.program.pause_seconds = 0.0  # many accidents in a minute are the tests' doing

    def wait_for(self, web: Web) -> None:
        self.wait_until(lambda: web.program.is_alive and listens(web))

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        end = time.monotonic() + START_SECONDS
        while not is_so():
            assert time.monotonic() < end, self.said()[-3000:]
            time.sleep(0.02)


def answers(server: Server) -> bool:
    return server.is_running() and server.is_ready()


def listens(web: Web) -> bool:
    """Whether this process itself does: a frozen predecessor's port may still be open."""
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=5)
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/accounts/login/", headers={"Host": "localhost"})
        return connection.getresponse().status < 500
    return False


@contextlib.contextmanager
def running_house(webs: int = 2, **environment: str) -> Iterator[House]:
    with throwaway_folder() as folder:
        house = House(folder, **environment)
        try:
            house.start(webs)
            yield house
        finally:
            house.close()
