"""The house that runs, for programs beside it: how it is reached stands in a file while it does.

The embedded servers listen on sockets of a random name and ask for passwords; `manage.py` cannot know them.
"""

import contextlib
import json
import os
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from operations.embedded import processes
from operations.embedded.failure import StartError, explain_os_error

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = Path("run") / "environment.json"
SERVERS = ("DATABASE_URL", "REDIS_URL")
#: No settings of a house: what `manage.py setup` is told by the shell that calls it.
FOR_ONE_COMMAND = ("KREIS_SETUP_PASSWORD", "KREIS_SETUP_MAIL_PASSWORD")


def note_environment(var: Path, environment: Mapping[str, str]) -> None:
    """Write what a program needs to act in the house; for the eyes of its account only, as there are passwords in it.

    With our process number and its start time: after a kill -9 the file stays and must not be believed.
    Raises: StartError where it cannot be written.
    """
    words = json.dumps(
        {
            "pid": os.getpid(),
            "started": processes.start_time(os.getpid()),
            "environment": {name: value for name, value in environment.items() if is_ours(name)},
        }
    )
    draft = var / f"{ENVIRONMENT}.new"
    try:
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(words)
        draft.replace(var / ENVIRONMENT)
    except OSError as error:
        raise explain_os_error(error, var) from error


def forget_environment(var: Path) -> None:
    with contextlib.suppress(OSError):
        (var / ENVIRONMENT).unlink()


def enter_house(environment: MutableMapping[str, str]) -> None:
    """Make the environment that of the house that runs: its settings count, and none of the caller's.

    Raises: StartError where none runs, or where it is somebody else's.
    """
    var = folder(environment)
    found = read_environment(var)
    for name in set(environment) - set(foreign(environment)):
        del environment[name]
    environment.update(found)


def read_environment(var: Path) -> dict[str, str]:
    try:
        noted = json.loads((var / ENVIRONMENT).read_text())
        runs = noted["started"] is not None and processes.start_time(noted["pid"]) == noted["started"]
        found = {str(name): str(value) for name, value in noted["environment"].items()}
    except FileNotFoundError:
        raise StartError(f"no house runs from {var}: start it with `make run`, or set DATABASE_URL.") from None
    except PermissionError:
        raise StartError(f"the house in {var} belongs to another account: call this as whoever started it.") from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        raise StartError(f"{var / ENVIRONMENT} cannot be read: stop the house and start it again.") from None
    if not runs:
        raise StartError(f"the house in {var} was killed and runs no more: start it again with `make run`.")
    return found


def folder(environment: Mapping[str, str]) -> Path:
    """Where the house lies that is meant; as for `make run`, and from the root of the tree."""
    return ROOT / Path(environment.get("VAR") or environment.get("KREIS_VAR") or "var").expanduser()


def foreign(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without settings of Kreis: what the caller's shell holds of them is meant for something else."""
    return {name: value for name, value in environment.items() if not is_ours(name)}


def is_ours(name: str) -> bool:
    return name in SERVERS or (name.startswith("KREIS_") and name not in FOR_ONE_COMMAND)
