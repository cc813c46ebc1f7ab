"""Starts the embedded servers again after an accident, for as long as it takes."""

import time
from collections.abc import Callable, Iterable

from operations.embedded.failure import StartError
from operations.embedded.server import Server

PAUSE_SECONDS = 5.0


class Minder:
    """A server that died is started at the same address; what its users lose is what they asked meanwhile."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self.not_before: dict[str, float] = {}
        self.told: dict[str, str] = {}

    def mind(self, dead: Iterable[Server]) -> None:
        """One try each. Where it fails there is another one soon: a disk that is full today is emptied tomorrow."""
        for server in dead:
            if time.monotonic() < self.not_before.get(server.title, 0.0):
                continue
            self.tell(server, f"{server.title} died and starts again; its log: {server.log}")
            try:
                server.start()
            except (StartError, OSError) as error:
                self.not_before[server.title] = time.monotonic() + PAUSE_SECONDS
                self.tell(server, f"{error}\n{server.title} is tried again every {PAUSE_SECONDS:g} s.")
            else:
                self.told.pop(server.title, None)

    def tell(self, server: Server, sentence: str) -> None:
        """Each reason once, however often it is tried."""
        if sentence not in self.told.get(server.title, ""):
            self.told[server.title] = self.told.get(server.title, "") + sentence
            self.say(sentence)
