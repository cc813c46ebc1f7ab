"""Whom the servers run as. PostgreSQL refuses to be root, so root starts them as somebody else."""

import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from operations.embedded.failure import StartError

BECOME = Path(__file__).with_name("become.py")
# Read and search everywhere; the next also writes, for containers that have only that one. None comes first.
CAPABILITIES = (None, 2, 1) if sys.platform == "linux" else (None,)


@dataclass(frozen=True)
class Account:
    """A user for the servers; where its uid is None they run as whoever started us."""

    uid: int | None = None
    gid: int | None = None
    capability: int | None = None

    def command(
        self, program: Sequence[str | Path], *, death_signal: signal.Signals, folder: Path | None = None
    ) -> list[str]:
        """The program's command line behind the change into this account."""
        options = ["--private"]
        if self.uid is not None:
            options += ["--account", f"{self.uid}:{self.gid}"]
        if self.capability is not None:
            options += ["--keep", str(self.capability)]
        if folder is not None:
            options += ["--folder", str(folder)]
        return bound_to_us(program, death_signal=death_signal, options=options)

    def take(self, path: Path) -> None:
        """Hand over something that we have just made ourselves."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def bound_to_us(
    program: Sequence[str | Path], *, death_signal: signal.Signals, options: Sequence[str] = ()
) -> list[str]:
    """The program's command line, so that it gets the signal when we die (Linux)."""
    death = ["--die-with", f"{os.getpid()}:{death_signal.value}"]
    return [sys.executable, "-I", "-S", str(BECOME), *death, *options, "--", *map(str, program)]


def choose_account(*, var: Path, data: Path, trials: Sequence[Sequence[str | Path]]) -> Account:
    """Ourselves; for root the data's owner or `nobody`, with a capability where folders are closed to it.

    Raises: StartError where the data is somebody else's, or root may not become anybody.
    """
    status = data.stat() if data.exists() else None
    owner = status.st_uid if status else None
    if os.geteuid() != 0:
        if owner not in {None, os.geteuid()}:
            raise StartError(
                f"{data} belongs to another user ({user_name(owner)}): start Kreis as that user, "
                "or choose another folder by VAR=…"
            )
        return Account()
    if owner == 0:
        raise StartError(f"{data} belongs to root, as whom PostgreSQL never runs: give it to another user.")
    uid, gid = (status.st_uid, status.st_gid) if status else nobody()
    for capability in CAPABILITIES:
        account = Account(uid, gid, capability)
        if all(can_run(account, trial, var) for trial in trials):
            return account
    raise StartError(
        f"PostgreSQL never runs as root, and this machine does not let {user_name(uid)} into {var} or "
        f"{Path(trials[0][0]).parent}. Start Kreis as a normal user, or give servers by DATABASE_URL and REDIS_URL."
    )


def nobody() -> tuple[int, int]:
    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


def can_run(account: Account, trial: Sequence[str | Path], folder: Path) -> bool:
    """Tried instead of worked out: access lists, containers and mounts have a say as well."""
    command = account.command(trial, death_signal=signal.SIGKILL, folder=folder)
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def user_name(uid: int | None) -> str:
    try:
        return pwd.getpwuid(uid or 0).pw_name
    except KeyError:
        return f"number {uid}"
