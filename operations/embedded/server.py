"""What both servers have in common: a data folder, a log, a start that is waited for, an end in order."""

import contextlib
import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from operations.embedded.account import Account
from operations.embedded.binaries import Binaries
from operations.embedded.failure import explain

MAX_LOG_BYTES = 10 * 1024 * 1024
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def nothing() -> None:
    """The pulse of those who cannot be interrupted."""


@dataclass(frozen=True)
class Place:
    """Where a server works. `throwaway` data is fast and may be lost.

    `pulse` is called while we wait and may raise to end the waiting.
    """

    var: Path
    sockets: Path
    account: Account
    binaries: Binaries
    throwaway: bool = False
    pulse: Callable[[], None] = nothing


class Server(ABC):
    """One embedded server. It runs in a process session of its own, so that Ctrl+C reaches only us."""

    title: ClassVar[str]
    program: ClassVar[str]
    folder_name: ClassVar[str]
    start_seconds: ClassVar[float] = 60.0

    def __init__(self, place: Place) -> None:
        self.place = place
        self.data = place.var / self.folder_name
        self.log = place.var / "log" / f"{self.folder_name}.log"
        self.log_start = 0
        self.process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def stop_signal(self) -> signal.Signals:
        """Ends it: in order where data stays, else at once. Linux also sends it when we die."""

    @abstractmethod
    def prepare(self) -> None:
        """Make or mend the data folder, tidy up after a run that was killed."""

    @abstractmethod
    def command(self) -> Sequence[str | Path]: ...

    @abstractmethod
    def is_ready(self) -> bool:
        """Judged by connecting, never by a file."""

    def start(self) -> None:
        """Raises: StartError with the reason, where it cannot be had."""
        self.prepare()
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        command = self.place.account.command(self.command(), death_signal=self.stop_signal)
        self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > MAX_LOG_BYTES:
            self.log.rename(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self.log_start = log.tell()
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=ENVIRONMENT,
                start_new_session=True,
            )
        if self.process.stdin:
            with contextlib.suppress(BrokenPipeError), self.process.stdin as stream:
                stream.write(self.standard_input())

    def standard_input(self) -> bytes:
        return b""

    def wait_until_ready(self) -> None:
        end = time.monotonic() + self.start_seconds
        while not self.is_ready():
            self.place.pulse()
            if not self.is_running() and not self.revive():
                raise explain(f"{self.title} did not start; its last words ({self.log}):", self.last_words(), self.data)
            if time.monotonic() > end and not self.is_recovering():
                raise explain(f"{self.title} did not answer in time; its log: {self.log}", self.last_words(), self.data)
            time.sleep(0.02)

    def revive(self) -> bool:
        """Whether a start that failed was tried again, because the reason could be removed or waited for."""
        return False

    def is_recovering(self) -> bool:
        """Whether a slow start is a long repair that must not be cut off."""
        return False

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self, hurry: Callable[[], bool] = lambda: False) -> None:
        """Ask, wait, insist; in a hurry insist at once."""
        if self.process is None:
            return
        for number, seconds in ((self.stop_signal, 30.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
            self.process.send_signal(number)
            end = time.monotonic() + seconds
            while self.is_running() and time.monotonic() < end:
                if hurry() and number == self.stop_signal:
                    break
                time.sleep(0.02)
            if not self.is_running():
                break
        self.process = None

    def last_words(self) -> str:
        try:
            with self.log.open("rb") as log:
                log.seek(self.log_start)
                return log.read(100_000).decode(errors="replace")
        except OSError:
            return ""
