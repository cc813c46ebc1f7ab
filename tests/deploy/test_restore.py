"""The way back from a copy of the data, as docs/operations.md has it, where the superuser can be reached."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from operations.embedded.postgres import Postgres
from operations.embedded.servers import Servers

ROOT = Path(settings.BASE_DIR)
GIVEN = {"REDIS_URL": "redis://none"}


def way_back() -> str:
    """What the container's shell is told."""
    words = (ROOT / "docs" / "operations.md").read_text().partition("### A copy of the data, and back")[2]
    found = re.search(r"exec -T postgres sh -ec '\n(.+?)\n' < kreis\.dump", words, re.DOTALL)
    assert found is not None
    return found[1]


class Machine:
    """A server that holds what deploy/postgres/account.sh makes."""

    def __init__(self, server: Postgres) -> None:
        self.folder = str(server.place.sockets)
        programs = f"{server.place.binaries.postgres.parent}:{os.defpath}"
        self.environment = {"PATH": programs, "PGHOST": self.folder, "LC_ALL": "C"}

    def ask(self, statement: str, user: str = "kreis", database: str = "kreis") -> list[tuple[object, ...]]:
        with psycopg.connect(host=self.folder, user=user, dbname=database, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def run(self, command: str, given: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(
            ["/bin/sh", "-ec", command], input=given, env=self.environment, capture_output=True, check=False
        )

    def copy(self) -> bytes:
        return self.run("pg_dump -U postgres -Fc kreis").stdout

    def names(self) -> list[object]:
        return [name for (name,) in self.ask("SELECT name FROM people ORDER BY name")]


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(0o711)
    servers = Servers(tmp_path, GIVEN, throwaway=True)
    try:
        servers.start()
        server = servers.running[0]
        assert isinstance(server, Postgres)
        assert server.process is not None
        (server.data / "pg_hba.conf").write_text("local all all trust\n")
        server.process.send_signal(signal.SIGHUP)
        made = Machine(server)
        wait_for_the_superuser(made)
        made.ask("CREATE ROLE stranger LOGIN", "postgres", "postgres")
        made.ask("REVOKE ALL ON DATABASE kreis FROM PUBLIC", "postgres", "postgres")
        made.ask("CREATE TABLE people (name text PRIMARY KEY)")
        made.ask("INSERT INTO people VALUES ('Ada'), ('Bea')")
        yield made
    finally:
        servers.stop()


def wait_for_the_superuser(machine: Machine) -> None:
    end = time.monotonic() + 10
    while True:
        try:
            machine.ask("SELECT 1", "postgres", "postgres")
            return
        except psycopg.OperationalError:
            assert time.monotonic() < end
            time.sleep(0.05)


def test_what_is_newer_is_gone_and_what_was_copied_is_there(machine: Machine) -> None:
    copy = machine.copy()
    # Later: somebody came, and a newer version made a table that refers to one of the copy.
    machine.ask("INSERT INTO people VALUES ('Cem')")
    machine.ask("CREATE TABLE newer (name text REFERENCES people)")
    with psycopg.connect(host=machine.folder, user="kreis", dbname="kreis"):
        done = machine.run(way_back(), copy)
    assert done.returncode == 0, done.stderr
    assert machine.names() == ["Ada", "Bea"]
    assert machine.ask("SELECT to_regclass('newer')") == [(None,)]
    assert machine.ask("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'") == [("kreis",)]
    assert machine.ask("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'kreis'") == [("kreis",)]
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        machine.ask("SELECT 1", "stranger")


def test_a_copy_that_is_not_whole_changes_nothing_and_does_not_stand_in_the_way(machine: Machine) -> None:
    copy = machine.copy()
    machine.ask("INSERT INTO people VALUES ('Cem')")
    assert machine.run(way_back(), copy[: len(copy) - 40]).returncode != 0
    assert machine.names() == ["Ada", "Bea", "Cem"]
    assert machine.run(way_back(), copy).returncode == 0
    assert machine.names() == ["Ada", "Bea"]
