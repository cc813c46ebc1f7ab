"""Between a web process and PostgreSQL: sees a COMMIT go by and does what may happen at just that moment."""

import contextlib
import socket
import threading
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from tests.faults.house import House


class Passing:
    """A COMMIT on its way."""

    def __init__(self, words: bytes, goal: socket.socket, answered: threading.Event) -> None:
        self._words, self._goal, self._answered = words, goal, answered

    def hand_over(self) -> None:
        self._goal.sendall(self._words)

    def wait_for_the_answer(self) -> None:
        """Until PostgreSQL has said that it is done; nobody else hears it."""
        assert self._answered.wait(10)


class DatabaseWire:
    """`at_commit` is called once, with the next COMMIT, and the connection ends with it."""

    def __init__(self, house: House) -> None:
        self.house = house
        asked = urlsplit(house.servers.addresses["DATABASE_URL"])
        self._socket = parse_qs(asked.query)["host"][0] + "/.s.PGSQL.5432"
        self._door = socket.create_server(("127.0.0.1", 0))
        port = self._door.getsockname()[1]
        self.url = f"{asked.scheme}://{asked.username}:{asked.password}@127.0.0.1:{port}{asked.path}?sslmode=disable"
        self.at_commit: Callable[[Passing], None] | None = None
        #: The answers of this connection are heard by nobody any more.
        self._kept: socket.socket | None = None
        threading.Thread(target=self._admit, daemon=True).start()

    def _admit(self) -> None:
        while True:
            here, _address = self._door.accept()
            there = socket.socket(socket.AF_UNIX)
            try:
                there.connect(self._socket)
            except OSError:
                here.close()
                continue
            answered = threading.Event()
            threading.Thread(target=self._ask, args=(here, there, answered), daemon=True).start()
            threading.Thread(target=self._answer, args=(there, here, answered), daemon=True).start()

    def _ask(self, here: socket.socket, there: socket.socket, answered: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while words := here.recv(65536):
                if b"COMMIT" in words and (do := self.at_commit) is not None:
                    self.at_commit = None
                    self._kept = there
                    do(Passing(words, there, answered))
                    break
                there.sendall(words)
        _end(here, there)

    def _answer(self, there: socket.socket, here: socket.socket, answered: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while words := there.recv(65536):
                if self._kept is not there:
                    here.sendall(words)
                elif b"COMMIT" in words:
                    answered.set()
        _end(here, there)


def _end(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
