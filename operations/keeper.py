"""Keeps programs running: their output with their name in front, a new start for what dies, an end in order.

honcho brings the processes and the printing. Its own manager ends everything as soon as one program ends:
right for a Procfile, wrong for a site whose worker had an accident.
"""

import contextlib
import os
import queue
import shlex
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TextIO

from honcho.colour import get_colours
from honcho.printer import Message, Printer
from honcho.process import Process

from operations.embedded.account import bound_to_us

# Short enough that a site is back 15 s after whatever its programs could not do without.
LONGEST_PAUSE_SECONDS = 8.0
# Who lived so long was well: the next accident starts counting anew.
WELL_SECONDS = 60.0


class Terminal:
    """Standard output that may go away: the window was closed, and still everything must end in order."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def isatty(self) -> bool:
        return self.stream.isatty() and "NO_COLOR" not in os.environ

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            self.stream.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self.stream.flush()


@dataclass
class Program:
    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    colour: str
    restart: bool = True
    restarts: int = 0
    pid: int | None = None
    returncode: int | None = None
    started_at: float = 0.0
    pause_seconds: float = 0.0
    due_at: float | None = None
    last_lines: list[str] = field(default_factory=list)

    @property
    def is_alive(self) -> bool:
        return self.started_at > 0 and self.returncode is None


class Keeper:
    """All methods belong to one thread; the others only fill the queue."""

    def __init__(self, on_change: Callable[[list[int]], None]) -> None:
        self.printer = Printer(Terminal(sys.stdout), width=7)
        self.colours = get_colours()
        self.events: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self.programs: dict[str, Program] = {}
        self.on_change = on_change
        self.is_stopping = False

    def start(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        restart: bool = True,
    ) -> Program:
        """Start a program in its own process session, so that Ctrl+C does not reach it before us."""
        program = Program(name, command, environment, next(self.colours), restart)
        self.programs[name] = program
        self.launch(program)
        return program

    def launch(self, program: Program) -> None:
        command = bound_to_us(program.command, death_signal=signal.SIGTERM)
        process = Process(
            "exec " + shlex.join(command),
            name=program.name,
            colour=program.colour,
            env=dict(program.environment),
        )
        program.pid, program.returncode, program.due_at = None, None, None
        program.started_at = time.monotonic()
        # Linux counts a thread as the parent: this one lives as long as the program.
        threading.Thread(target=self.attend, args=(program, process), daemon=True).start()

    def attend(self, program: Program, process: Process) -> None:
        try:
            process.run(self.events)
        except OSError as error:  # no memory, no process number left
            gone = {"returncode": error.errno or 1}
            self.events.put(Message("stop", gone, datetime.now().astimezone(), program.name, program.colour))

    def turn(self, seconds: float) -> None:
        """Print what was said and see to what happened, for so long."""
        end = time.monotonic() + seconds
        while (rest := end - time.monotonic()) > 0:
            try:
                self.handle(self.events.get(timeout=rest))
            except queue.Empty:
                break
        for program in self.programs.values():
            if program.due_at is not None and program.due_at <= time.monotonic() and not self.is_stopping:
                self.launch(program)

    def handle(self, event: Message) -> None:
        program = self.programs[event.name]
        if event.type == "line":
            self.printer.write(event)
            program.last_lines = [*program.last_lines[-40:], event.data.decode(errors="replace")]
        elif event.type == "start":
            program.pid = event.data["pid"]
            self.on_change(self.pids())
        elif event.type == "stop":
            program.returncode = event.data["returncode"]
            self.on_change(self.pids())
            if program.restart and not self.is_stopping:
                self.plan_restart(program)

    def plan_restart(self, program: Program) -> None:
        was_well = time.monotonic() - program.started_at > WELL_SECONDS
        program.pause_seconds = 0.5 if was_well else min(LONGEST_PAUSE_SECONDS, program.pause_seconds * 2 or 0.5)
        program.due_at = time.monotonic() + program.pause_seconds
        program.restarts += 1
        status = program.returncode or 0
        reason = f"signal {-status}" if status < 0 else f"status {status}"
        self.say(f"{program.name} ended ({reason}) and starts again in {program.pause_seconds:g} s.")

    def run_to_end(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], pulse: Callable[[], None]
    ) -> Program:
        program = self.start(name, command, environment, restart=False)
        while program.returncode is None:
            pulse()
            self.turn(0.05)
        return program

    def stop(self, hurry: Callable[[], bool], *, patience_seconds: float = 10.0) -> None:
        """End all in the order in which they were started, each gone before the next is asked."""
        self.is_stopping = True
        for program in self.programs.values():
            self.end(program, hurry, patience_seconds=patience_seconds)

    def end(self, program: Program, hurry: Callable[[], bool], *, patience_seconds: float = 10.0) -> None:
        """Ask it to end, wait, insist; in a hurry insist at once."""
        program.restart, program.due_at = False, None
        for number in (signal.SIGTERM, signal.SIGKILL):
            end = time.monotonic() + patience_seconds
            if program.is_alive:
                self.send(program, number)
            while program.is_alive and time.monotonic() < end:
                self.turn(0.02)
                if hurry() and number == signal.SIGTERM:
                    break

    def send(self, program: Program, number: signal.Signals) -> None:
        while program.pid is None and program.is_alive:  # its thread has not yet told us
            self.turn(0.01)
        if program.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(program.pid, number)

    def pids(self) -> list[int]:
        return [program.pid for program in self.programs.values() if program.pid and program.is_alive]

    def say(self, sentence: str) -> None:
        self.print(f"Kreis: {sentence}\n")

    def print(self, text: str) -> None:
        self.printer.output.write(text)
        self.printer.output.flush()
