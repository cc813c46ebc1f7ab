"""A folder for one test run, with servers on it: gone at the end, and if we are killed, at the next start."""

import contextlib
import fcntl
import os
import shutil
import signal
import stat
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from operations.embedded import processes
from operations.embedded.servers import Servers
from operations.embedded.socket_folder import remove_socket_folder

PREFIX = "kreis-test-"


@contextlib.contextmanager
def throwaway_folder() -> Iterator[Path]:
    place = Path(tempfile.gettempdir())
    for folder in place.glob(PREFIX + "*"):
        remove_if_left(folder)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
    # Closed but for passing through: as root the servers run as somebody else.
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def remove_if_left(folder: Path) -> None:
    """Only our own, and only where nobody holds the lock any more."""
    with contextlib.suppress(OSError):
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
            return
        with (folder / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for name, program in (("postgres", "postgres"), ("valkey", "valkey-server")):
                processes.end_all_in(folder / name, program, gently=signal.SIGQUIT, patience_seconds=5)
            with contextlib.suppress(OSError):
                remove_socket_folder(Path((folder / "run" / "sockets").read_text()))
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def throwaway_servers(given: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The environment that tests need: addresses of servers and a folder of their own.

    Raises: StartError where a server cannot be had.
    """
    with throwaway_folder() as folder:
        servers = Servers(folder, given, throwaway=True)
        try:
            servers.start()
            yield {**servers.addresses, "KREIS_VAR": str(folder)}
        finally:
            servers.stop()
