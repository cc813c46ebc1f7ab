"""A web process under attack, and what it wrote into its log meanwhile: nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.access.test_matrix import scene  # noqa: F401  # the whole cast, and what it has
from tests.realtime.conftest import pytest_pyfunc_call  # noqa: F401  # coroutines run here, too
from tests.servers import Server, start_server


@dataclass
class Watched:
    server: Server
    log: Path

    def said(self) -> list[str]:
        """What stands in the log since the last question, but for Redis: a busy machine may lose sight of it."""
        text = self.log.read_bytes()
        self.log.write_bytes(b"")  # opened for appending: what follows begins at the start
        return [line for line in text.decode().splitlines() if "realtime.bus: Redis is " not in line]


@pytest.fixture(scope="session")
def shared_watched(
    django_db_setup: None, django_db_blocker: object, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Watched]:
    path = tmp_path_factory.mktemp("watched") / "log"
    with path.open("ab") as log:
        server = start_server(
            application="tests.abuse.hasty_asgi:application",
            log=log,
            options=["-v", "0"],
            KREIS_TRUSTED_PROXIES="1",
        )
    yield Watched(server, path)
    server.process.kill()
    server.process.wait()


@pytest.fixture
def watched(shared_watched: Watched, transactional_db: None) -> Iterator[Server]:
    """The server; afterwards it must live, and its log must be as empty as before."""
    shared_watched.said()
    yield shared_watched.server
    assert shared_watched.server.process.poll() is None
    assert shared_watched.said() == []
