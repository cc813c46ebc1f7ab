"""Daphne's looks at its connections: seldom, and for as long as the process lives."""

import pytest
from twisted.internet.task import Clock

from realtime import wire


def test_a_look_that_fails_is_not_the_last(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    monkeypatch.setattr(wire, "reactor", clock)
    looked: list[float] = []

    def check(server: object) -> None:
        """As daphne's, which comes again after a second; but a connection breaks it once."""
        looked.append(clock.seconds())
        if len(looked) == 2:
            raise KeyError(server)
        clock.callLater(1, look, server)

    look = wire.seldom(check)
    look("server")
    clock.pump([0.5] * 60)
    pause = wire.LOOKS_PAUSE_SECONDS
    assert looked[:4] == [pause, 2 * pause + 1, 3 * pause + 1, 4 * pause + 2]
    assert "could not be looked at" in caplog.text
