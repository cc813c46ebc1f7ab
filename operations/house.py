"""The data folder of `make run`: one run at a time, its keys, and what a killed run left behind."""

import contextlib
import errno
import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from operations.embedded import processes, secret_files
from operations.embedded.failure import StartError, explain_os_error
from operations.running import forget_environment

CHILDREN = Path("run") / "children.json"


@contextlib.contextmanager
def occupied(var: Path) -> Iterator["House"]:
    """Hold the folder's lock; the system lets go of it when we die, however that happens.

    Raises: StartError where another run holds it, with its address, or where the folder cannot be written.
    """
    try:
        (var / "run").mkdir(parents=True, exist_ok=True)
        file = (var / "run.lock").open("a+")
    except OSError as error:
        raise explain_os_error(error, var) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in {errno.EACCES, errno.EAGAIN}:
                raise explain_os_error(error, var) from error
            raise StartError(told(file.name)) from error
        house = House(var)
        house.note_address("")
        forget_environment(var)
        try:
            yield house
        finally:
            house.note_address("")
            forget_environment(var)


def told(lock: str) -> str:
    address = Path(lock).read_text().strip()
    folder = Path(lock).parent
    if address:
        return f"it already runs from {folder}: {address}"
    return f"another start from {folder} is under way."


class House:
    def __init__(self, var: Path) -> None:
        self.var = var

    def environment(self, given: Mapping[str, str], *, port: int) -> dict[str, str]:
        """What the programs need to know, apart from the servers.

        Our choices give way to what is given, where it says something: an empty value is none. What makes it this
        house (its folder, its settings, that it is no test) is not for the caller's shell to say.
        """
        said = {name: value for name, value in given.items() if value.strip() or not name.startswith("KREIS_")}
        chosen = {
            "KREIS_DEBUG": "1",
            # Who only switches debugging off does not want the demo that rests on it.
            "KREIS_DEMO": said.get("KREIS_DEBUG", "1"),
            "KREIS_ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
            "KREIS_BASE_URL": f"http://localhost:{port}",
        }
        if "KREIS_SECRET_KEY" not in said:
            chosen["KREIS_SECRET_KEY"] = secret_files.read_or_make(self.var / "secrets", "secret_key")
        if "KREIS_SEAL_KEY" not in said:
            chosen["KREIS_SEAL_KEY"] = secret_files.read_or_make(self.var / "secrets", "seal_key")
        fixed = {
            "KREIS_VAR": str(self.var),
            "KREIS_TEST": "0",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONUNBUFFERED": "1",
        }
        return {**chosen, **said, **fixed}

    @property
    def links(self) -> Path:
        return self.var / "run" / "links"

    @property
    def is_prepared(self) -> bool:
        """Whether an earlier start got the application ready; much may have changed since."""
        return (self.var / "run" / "prepared").exists()

    def note_prepared(self) -> None:
        (self.var / "run" / "prepared").touch()

    def note_address(self, address: str) -> None:
        (self.var / "run.lock").write_text(address)

    def note_children(self, pids: list[int]) -> None:
        """With their start times: a number is given away again, a number with its time is not."""
        children = [(pid, started) for pid in pids if (started := processes.start_time(pid))]
        draft = self.var / f"{CHILDREN}.new"
        with contextlib.suppress(OSError):  # a full disk must not end what runs
            draft.write_text(json.dumps(children))
            draft.replace(self.var / CHILDREN)

    def end_left_children(self) -> None:
        """After a kill -9 of the supervisor where the system does not tell its children (all but Linux)."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            end = time.monotonic() + 5
            for pid in (left := self.left_children()):
                with contextlib.suppress(OSError):
                    os.killpg(pid, number)
            while left and self.left_children() and time.monotonic() < end:
                time.sleep(0.05)

    def left_children(self) -> list[int]:
        try:
            noted = json.loads((self.var / CHILDREN).read_text())
            return [pid for pid, started in noted if processes.start_time(pid) == started]
        except (OSError, ValueError, TypeError):
            return []
