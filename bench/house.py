"""What is measured: PostgreSQL with its data on disk and fsync on, Valkey, web processes; and the limit beside them."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.processes import cpu_seconds
from operations.embedded.servers import Servers
from operations.programs import web_command

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Program:
    """One process that answers on a port."""

    port: int
    process: "subprocess.Popen[bytes]"

    @property
    def pid(self) -> int:
        return self.process.pid


@dataclass
class House:
    """Services on a folder of their own, and the programs that were started on them."""

    folder: Path
    servers: Servers
    environment: dict[str, str]
    programs: list[Program] = field(default_factory=list)

    def start_web(self) -> Program:
        return self._start(lambda port: web_command(port, "bench.asgi:application"))

    def start_limit(self) -> Program:
        return self._start(lambda port: [sys.executable, "-m", "bench.limit", str(port)])

    def manage(self, *arguments: str) -> str:
        """Run one of the bench's own Django programs and return what it printed."""
        done = subprocess.run(
            [sys.executable, *arguments], env=self.environment, cwd=ROOT, stdout=subprocess.PIPE, check=True
        )
        return done.stdout.decode()

    def stop(self, program: Program) -> None:
        self.programs.remove(program)
        program.process.terminate()
        program.process.wait(20)

    @property
    def server_pids(self) -> list[int]:
        return [server.process.pid for server in self.servers.running if server.process]

    def cpu_of(self, *programs: Program) -> float:
        """Units: seconds, of the programs and of PostgreSQL and Valkey."""
        return cpu_seconds([*(program.pid for program in programs), *self.server_pids])

    def _start(self, command_on: Callable[[int], list[str]]) -> Program:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        command = command_on(port)
        program = Program(port, subprocess.Popen(command, env=self.environment, cwd=ROOT))
        self.programs.append(program)
        end = time.monotonic() + 30
        while time.monotonic() < end and program.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return program
            time.sleep(0.05)
        raise SystemExit(f"{command} does not answer.")


@contextlib.contextmanager
def house() -> Iterator[House]:
    """On the disk of the temporary folder; gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="kreis-bench-"))
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    servers = Servers(folder, {})
    place = House(folder, servers, {})
    try:
        servers.start()
        place.environment = _environment(folder, servers.addresses)
        place.manage("manage.py", "migrate", "-v", "0")
        place.manage("manage.py", "collectstatic", "--noinput", "-v", "0")
        yield place
    finally:
        for program in place.programs:
            program.process.send_signal(signal.SIGKILL)
            program.process.wait()
        servers.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _environment(folder: Path, addresses: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KREIS_")}
    return {
        **kept,
        **addresses,
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "PYTHONPATH": str(ROOT),
        "KREIS_VAR": str(folder),
        "KREIS_SECRET_KEY": "for the bench alone, " * 3,
        "KREIS_SEAL_KEY": "for the bench, too. " * 3,
        "KREIS_ALLOWED_HOSTS": "localhost,127.0.0.1",
        "KREIS_BASE_URL": "http://localhost",
    }
