"""PostgreSQL: one data folder, one database, one role that owns it and is no superuser; no other login."""

import hashlib
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from operations.embedded import processes, secret_files
from operations.embedded.failure import StartError, explain
from operations.embedded.server import ENVIRONMENT, Place, Server

NAME = "kreis"
NEW = "postgres.new-"
DIGEST = "kreis_password_digest"
# Only our role, only by password: the superuser can be reached by `postgres --single` alone.
ACCESS = f"local all {NAME} scram-sha-256\n"
THROWAWAY = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=300",
    "autovacuum=off",
)
# A statement that fails, and the row it fails on, hold messages, addresses and password hashes; messages sent twice
# fail on purpose. The log tells the error and the rule alone. Said here, it wins over what stands in the data folder.
DISCREET = (
    "log_min_error_statement=panic",
    "log_error_verbosity=terse",
    "log_parameter_max_length=0",
    "log_parameter_max_length_on_error=0",
    "log_statement=none",
    "log_min_duration_statement=-1",
)
NOT_YET = ("pre-existing shared memory block", "Is another postmaster")


class Postgres(Server):
    title: ClassVar[str] = "PostgreSQL"
    program: ClassVar[str] = "postgres"
    folder_name: ClassVar[str] = "postgres"

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.password = secret_files.read_or_make(place.var / "secrets", "postgres_password")
        self.tries_end = 0.0

    @property
    def url(self) -> str:
        return f"postgres://{NAME}:{quote(self.password)}@/{NAME}?host={quote(str(self.place.sockets))}"

    @property
    def stop_signal(self) -> signal.Signals:
        return signal.SIGQUIT if self.place.throwaway else signal.SIGINT

    def prepare(self) -> None:
        self.end_left_server()
        self.remove_drafts()
        self.remove_foreign_pid_file()
        if not self.data.exists() or not any(self.data.iterdir()):
            self.make_data()
        self.check_version()
        if self.read(DIGEST) != self.digest():
            self.set_password()
        self.tries_end = time.monotonic() + 20

    def command(self) -> Sequence[str | Path]:
        settings = [
            "listen_addresses=",
            f"unix_socket_directories={self.place.sockets}",
            "unix_socket_permissions=0700",
        ]
        settings += ["cluster_name=kreis", "port=5432", *DISCREET, *(THROWAWAY if self.place.throwaway else ())]
        return [self.place.binaries.postgres, "-D", self.data, *(f"--{setting}" for setting in settings)]

    def is_ready(self) -> bool:
        return ask(self.place.sockets / ".s.PGSQL.5432") == b"R"

    def is_recovering(self) -> bool:
        return self.is_running() and ask(self.place.sockets / ".s.PGSQL.5432") == b"E"

    def revive(self) -> bool:
        """The last children of a killed server may still hold its memory: they end in a moment."""
        if time.monotonic() > self.tries_end or not any(words in self.last_words() for words in NOT_YET):
            return False
        time.sleep(0.3)
        self.remove_foreign_pid_file()
        self.launch()
        return True

    # ---- the data folder -----------------------------------------------------------------------------------

    def make_data(self) -> None:
        """Made under another name and then renamed: a folder called `postgres` is always whole."""
        draft = Path(tempfile.mkdtemp(prefix=NEW, dir=self.place.var))
        self.place.account.take(draft)
        initdb: list[str | Path] = [
            self.place.binaries.initdb,
            "-D",
            draft,
            "--username=postgres",
            "--auth=reject",
        ]
        initdb += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        initdb += ["--no-instructions", *(["--no-sync"] if self.place.throwaway else [])]
        self.run(initdb)
        (draft / "pg_hba.conf").write_text(ACCESS)
        rights = "CREATEDB" if self.place.throwaway else "NOCREATEDB"
        self.run_alone(draft, f"CREATE ROLE {NAME} LOGIN {rights};\nCREATE DATABASE {NAME} OWNER {NAME};\n")
        if self.data.exists():
            self.data.rmdir()
        draft.rename(self.data)

    def set_password(self) -> None:
        """Also where `var/secrets` was lost or comes from elsewhere: who owns the folder may set it anew."""
        self.run_alone(self.data, f"ALTER ROLE {NAME} PASSWORD '{self.password}';\n")
        (self.data / DIGEST).write_text(self.digest())
        self.place.account.take(self.data / DIGEST)

    def digest(self) -> str:
        return hashlib.sha256(self.password.encode()).hexdigest()

    def check_version(self) -> None:
        version, ours = self.read("PG_VERSION").strip(), self.place.binaries.version
        if not version:
            raise StartError(f"{self.data} is no data folder of PostgreSQL: move it away and start again.")
        if version != ours:
            raise StartError(
                f"{self.data} was made by PostgreSQL {version}, but {ours} is installed: "
                "see docs/operations.md, “Another version of PostgreSQL”."
            )

    def remove_drafts(self) -> None:
        for draft in self.place.var.glob(NEW + "*"):
            processes.end_all_in(draft, self.program, gently=signal.SIGQUIT, patience_seconds=5)
            shutil.rmtree(draft, ignore_errors=True)

    def end_left_server(self) -> None:
        """In order, as long as it has a head; what a killed head left behind is ended at once."""
        head = self.noted_pid()
        if head in self.living():
            processes.send([head], signal.SIGINT)
            processes.wait_until_gone(self.data, self.program, 20)
        processes.end_all_in(self.data, self.program, gently=signal.SIGQUIT, patience_seconds=5)

    def remove_foreign_pid_file(self) -> None:
        """A stale file whose number now belongs to a foreign process, or to a corpse, would stop PostgreSQL for ever.

        One that names nobody is left to PostgreSQL, which then also looks for the memory of lost children.
        """
        pid = self.noted_pid()
        if pid and processes.is_taken(pid) and pid not in self.living():
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def noted_pid(self) -> int:
        first = self.read("postmaster.pid").partition("\n")[0].strip()
        return int(first) if first.isdigit() else 0

    def living(self) -> set[int]:
        return processes.living_in(self.data, self.program)

    def read(self, name: str) -> str:
        try:
            return (self.data / name).read_text()
        except FileNotFoundError:
            return ""

    # ---- programs that end by themselves -------------------------------------------------------------------

    def run_alone(self, data: Path, statements: str) -> None:
        """As superuser without a server; one statement a line."""
        durability = ["-c", "fsync=off"] if self.place.throwaway else []
        command: list[str | Path] = [self.place.binaries.postgres, "--single", "-D", data, *durability]
        self.run([*command, "postgres"], statements)

    def run(self, program: Sequence[str | Path], words: str = "") -> None:
        """Raises: StartError with what the program said; what the pulse raises, after ending the program."""
        command = self.place.account.command(program, death_signal=signal.SIGQUIT, folder=self.place.var)
        with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as asked:
            asked.write(words)
            asked.seek(0)
            process = subprocess.Popen(
                command, stdin=asked, stdout=said, stderr=said, env=ENVIRONMENT, start_new_session=True
            )
            try:
                while process.poll() is None:
                    self.place.pulse()
                    time.sleep(0.01)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
            said.seek(0)
            answer = said.read()
        if process.returncode or "ERROR:" in answer or "FATAL:" in answer:
            raise explain("PostgreSQL could not make its data folder:", answer, self.place.var)


def ask(path: Path) -> bytes:
    """The first byte that the server answers: R asks for the password, E refuses (it starts or stops)."""
    words = b"user\0%b\0database\0%b\0\0" % (NAME.encode(), NAME.encode())
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            connection.connect(str(path))
            connection.sendall(struct.pack("!ii", len(words) + 8, 196608) + words)
            return connection.recv(1)
    except OSError:
        return b""
