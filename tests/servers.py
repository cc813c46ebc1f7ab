"""Real web processes for tests, each on a port of its own and on the test's database."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from django.conf import settings
from django.db import connection


@dataclass
class Server:
    """A running daphne on the test's database."""

    port: int
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"


def database_url() -> str:
    values = connection.settings_dict
    return (
        f"postgres://{values['USER']}:{values['PASSWORD']}@/{values['NAME']}"
        f"?host={values['HOST']}&port={values['PORT'] or 5432}"
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_server(
    port: int | None = None,
    application: str = "tests.quick_asgi:application",
    log: IO[bytes] | int = subprocess.DEVNULL,
    options: Sequence[str] = (),
    **environment: str,
) -> Server:
    """Start one and wait until it answers."""
    port = port or free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), *options, application],
        env=os.environ
        | {"DATABASE_URL": database_url(), "KREIS_PREFIX": settings.CACHES["default"]["KEY_PREFIX"]}
        | environment,
        stdout=subprocess.DEVNULL,
        stderr=log,
    )
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return Server(port, process)
        time.sleep(0.05)
    process.kill()
    raise RuntimeError("daphne did not start")
