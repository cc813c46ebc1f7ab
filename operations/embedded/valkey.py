"""Valkey, a Redis: cache, queue, live fan-out. What it holds may be lost, but is kept over a restart."""

import contextlib
import signal
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from operations.embedded import processes, secret_files
from operations.embedded.server import Place, Server

DATABASES = 64  # tests in parallel take one each


class Valkey(Server):
    title: ClassVar[str] = "Valkey"
    program: ClassVar[str] = "valkey-server"
    folder_name: ClassVar[str] = "valkey"

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.password = secret_files.read_or_make(place.var / "secrets", "valkey_password")
        self.socket = place.sockets / "valkey.sock"

    @property
    def url(self) -> str:
        return f"unix://:{self.password}@{self.socket}?db=0"

    @property
    def stop_signal(self) -> signal.Signals:
        return signal.SIGTERM

    def prepare(self) -> None:
        processes.end_all_in(self.data, self.program, gently=signal.SIGTERM, patience_seconds=5)
        if not self.data.exists():
            self.data.mkdir(mode=0o700)
            self.place.account.take(self.data)

    def command(self) -> Sequence[str | Path]:
        return [self.place.binaries.valkey, "-"]

    def standard_input(self) -> bytes:
        """The settings come this way, because everybody may read a command line."""
        settings = {
            "port": "0",
            "unixsocket": f'"{self.socket}"',
            "unixsocketperm": "700",
            "requirepass": self.password,
            "dir": f'"{quoted(self.data)}"',
            "databases": str(DATABASES),
            # How often it looks after itself, in a second: ten times would keep an idle machine awake.
            "hz": "1",
            "save": '""' if self.place.throwaway else "60 1",
            "appendonly": "no",
            "stop-writes-on-bgsave-error": "no",
            "daemonize": "no",
        }
        return "".join(f"{name} {value}\n" for name, value in settings.items()).encode()

    def is_ready(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(2)
                connection.connect(str(self.socket))
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = connection.makefile("rb")
                return answer.readline() == b"+OK\r\n" and answer.readline() == b"+PONG\r\n"
        except OSError:
            return False

    def revive(self) -> bool:
        """A snapshot that cannot be read is put aside: nothing in it must not be lost."""
        snapshot = self.data / "dump.rdb"
        if not snapshot.exists() or "RDB" not in self.last_words():
            return False
        with contextlib.suppress(OSError):
            snapshot.replace(self.data / "dump.rdb.unreadable")
            self.launch()
            return True
        return False


def quoted(path: Path) -> str:
    return str(path).replace("\\", "\\\\").replace('"', '\\"')
