"""`make run` as a person uses it: started, interrupted, killed, started again, with the real application."""

import contextlib
import http.client
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from operations.embedded import processes
from operations.embedded.socket_folder import remove_socket_folder
from operations.running import foreign

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = re.compile(r"^Kreis: http://localhost:(\d+)/$", re.MULTILINE)
# What the tests themselves were told; `make run` shall find out for itself.
UNWANTED = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "PORT", "VAR")
START_SECONDS = 90

pytestmark = pytest.mark.xdist_group("make run")


class Run:
    """One `make run`; what it printed stands in a file, so that nothing blocks."""

    def __init__(self, var: Path, output: Path, *, port: int = 0) -> None:
        self.var = var
        self.output = output
        environment = {
            name: value
            for name, value in os.environ.items()
            if name not in UNWANTED and not name.startswith(("KREIS_", "PYTEST_"))
        }
        with output.open("w") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "operations.run", "--var", str(var), "--port", str(port)],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self.output.read_text()

    def wait_for(self, words: str) -> "Run":
        end = time.monotonic() + START_SECONDS
        while words not in self.said:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < end, self.said
            time.sleep(0.05)
        return self

    @property
    def port(self) -> int:
        found = ADDRESS.search(self.wait_for("Kreis: http").said)
        assert found, self.said
        return int(found[1])

    def status_of_first_page(self) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", "/", headers={"Host": f"localhost:{self.port}"})
        return connection.getresponse().status

    def children(self) -> set[int]:
        noted = json.loads((self.var / "run" / "children.json").read_text())
        return {pid for pid, started in noted if processes.start_time(pid) == started} | servers_in(self.var)

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


def manage(var: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """`make manage`, without make."""
    environment = {**foreign(os.environ), "VAR": str(var), "ARGS": shlex.join(words)}
    command = [sys.executable, "-m", "operations.manage"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def servers_in(var: Path) -> set[int]:
    return processes.living_in(var / "postgres", "postgres") | processes.living_in(var / "valkey", "valkey-server")


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    """Deep, and in a closed folder."""
    (tmp_path / "closed").mkdir(mode=0o700)
    deep = tmp_path / "closed" / ("d" * max(1, 150 - len(str(tmp_path)) - 8))
    assert len(str(deep)) >= 150
    yield deep
    processes.send(servers_in(deep), signal.SIGKILL)
    with contextlib.suppress(OSError):
        remove_socket_folder(Path((deep / "run" / "sockets").read_text()))


def test_start_stop_kill_and_start_again(var: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        wanted = taken.getsockname()[1]
        first = Run(var, tmp_path / "first", port=wanted)
        assert first.port != wanted
        assert f"port {wanted} is taken, so it is {first.port} this time." in first.said
    assert first.status_of_first_page() < 400
    done = manage(var, "invite", "tidewater")
    assert done.stdout.startswith(f"http://localhost:{first.port}/i/"), done.stderr

    second = Run(var, tmp_path / "second")
    assert second.process.wait(30) == 1
    assert second.said == f"Kreis: it already runs from {var}: http://localhost:{first.port}/\n"

    children = first.children()
    key = (var / "secrets" / "secret_key").read_text()
    assert first.stop(signal.SIGINT) == 0
    assert "Traceback" not in first.said
    assert manage(var, "invite", "tidewater").stderr.startswith(f"Kreis: no house runs from {var}")
    assert all(processes.start_time(pid) is None for pid in children)

    again = Run(var, tmp_path / "again")
    assert again.status_of_first_page() < 400
    assert (var / "secrets" / "secret_key").read_text() == key
    processes.send([again.process.pid, *again.children()], signal.SIGKILL)
    again.process.wait()
    assert manage(var, "invite", "tidewater").stderr.startswith(f"Kreis: the house in {var} was killed")

    with subprocess.Popen(["sleep", "300"]) as foreigner:
        pid_file = var / "postgres" / "postmaster.pid"
        pid_file.write_text("\n".join([str(foreigner.pid), *pid_file.read_text().splitlines()[1:]]) + "\n")
        last = Run(var, tmp_path / "last")
        assert last.status_of_first_page() < 400
        assert foreigner.poll() is None
        foreigner.kill()
    assert last.stop(signal.SIGTERM) == 0
    assert "Traceback" not in last.said
    assert servers_in(var) == set()


def test_interruption_while_starting_leaves_nothing_behind(var: Path, tmp_path: Path) -> None:
    run = Run(var, tmp_path / "output")
    end = time.monotonic() + START_SECONDS
    while not (var / "postgres").exists():
        assert time.monotonic() < end, run.said
        time.sleep(0.01)
    assert run.stop(signal.SIGINT) == 0
    assert "Traceback" not in run.said
    assert servers_in(var) == set()


def test_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    run = Run(tmp_path / "file", tmp_path / "output")
    assert run.process.wait(30) == 1
    assert run.said.startswith("Kreis: ")
    assert run.said.count("\n") == 1
