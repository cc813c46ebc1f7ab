"""Servers that died are started again, and again where they could not be."""

from pathlib import Path
from typing import Any

import pytest

from operations import minder
from operations.embedded.failure import StartError
from operations.embedded.server import Server
from operations.minder import Minder


class Stubborn(Server):
    """One that starts at the third try."""

    title = "Stubborn"

    def __init__(self) -> None:
        self.log = Path("stubborn.log")
        self.tries = 0

    def start(self) -> None:
        self.tries += 1
        if self.tries < 3:
            raise StartError("The disk is full.")

    stop_signal: Any = None

    def prepare(self) -> None: ...

    def command(self) -> list[str]:
        return []

    def is_ready(self) -> bool:
        return self.tries >= 3


def test_a_server_that_does_not_start_is_tried_until_it_does_and_told_of_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minder, "PAUSE_SECONDS", 0.0)
    said: list[str] = []
    server, minding = Stubborn(), Minder(said.append)
    for _ in range(4):
        minding.mind([server] if server.tries < 3 else [])
    assert server.tries == 3
    assert [words.partition(";")[0].partition("\n")[0] for words in said] == [
        "Stubborn died and starts again",
        "The disk is full.",
    ]


def test_between_two_tries_lies_a_pause() -> None:
    server, minding = Stubborn(), Minder(lambda words: None)
    minding.mind([server])
    minding.mind([server])
    assert server.tries == 1
