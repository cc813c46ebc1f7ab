"""Programs under the keeper: prefixed, started again after an accident, ended in order."""

import os
import signal
import sys
import time
from collections.abc import Callable

import pytest

from operations.keeper import Keeper

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]


def turn_until(keeper: Keeper, is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < end, "it did not come true in time"
        keeper.turn(0.02)


def test_output_stands_behind_the_name(capsys: pytest.CaptureFixture[str]) -> None:
    keeper = Keeper(lambda pids: None)
    command = [sys.executable, "-c", "print('grüß dich')"]
    assert keeper.run_to_end("prepare", command, os.environ, lambda: None).returncode == 0
    assert capsys.readouterr().out.rstrip().endswith("prepare | grüß dich")


def test_program_that_dies_is_started_again_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    keeper = Keeper(lambda pids: None)
    program = keeper.start("web", SLEEP, os.environ)
    turn_until(keeper, lambda: program.last_lines == ["up\n"])
    first = program.pid
    assert first
    os.kill(first, signal.SIGKILL)
    turn_until(keeper, lambda: program.pid not in {first, None})
    assert "Kreis: web ended (signal 9) and starts again in 0.5 s." in capsys.readouterr().out
    keeper.stop(lambda: False)
    assert not program.is_alive


def test_pause_grows_with_each_accident() -> None:
    keeper = Keeper(lambda pids: None)
    program = keeper.start("web", [sys.executable, "-c", ""], os.environ)
    turn_until(keeper, lambda: program.restarts == 2)
    assert program.pause_seconds == 1.0
    keeper.stop(lambda: False)


def test_programs_end_in_the_order_of_their_start() -> None:
    keeper = Keeper(lambda pids: None)
    programs = [keeper.start(name, SLEEP, os.environ) for name in ("web", "worker", "beat")]
    turn_until(keeper, lambda: all(program.last_lines for program in programs))
    ended: list[str] = []
    keeper.on_change = lambda pids: ended.extend(p.name for p in programs if not p.is_alive and p.name not in ended)
    keeper.stop(lambda: False)
    assert ended == ["web", "worker", "beat"]


def test_program_that_does_not_listen_is_ended_by_force() -> None:
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    keeper = Keeper(lambda pids: None)
    program = keeper.start("worker", [sys.executable, "-c", deaf], os.environ)
    turn_until(keeper, lambda: program.last_lines == ["up\n"])
    keeper.stop(lambda: False, patience_seconds=0.2)
    assert program.returncode == -signal.SIGKILL
