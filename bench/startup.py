"""How long `make run` takes from a fresh clone and the second time, with empty caches and home.

Measured until the line with the address stands there, that is until a page really came. Nothing of the tree it
is called in is touched; the packages come from the registry that pip is set up for.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.table import Row

ROOT = Path(__file__).resolve().parent.parent
GOALS = {"cold, with uv": 40.0, "cold, with pip alone": 120.0, "warm": 6.0}
PATIENCE_SECONDS = 600
# pip's own settings name the registry; they stay, while everything that is cached does not.
PIP_SETTINGS = (
    Path("~/.config/pip/pip.conf"),
    Path("~/.pip/pip.conf"),
    Path("~/Library/Application Support/pip/pip.conf"),
)


def measure() -> list[Row]:
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="kreis-bench-") as place:
        seconds["cold, with pip alone"] = fresh_start(Path(place) / "pip", {"KREIS_NO_UV": "1"})
        tree = Path(place) / "uv"
        seconds["cold, with uv"] = fresh_start(tree, {})
        seconds["warm"] = min(start(tree, environment(tree, {})) for _ in range(3))
    return [Row(f"make run, {name}", seconds[name], goal, goal, unit="s") for name, goal in GOALS.items()]


def fresh_start(tree: Path, extra: dict[str, str]) -> float:
    copy_tree(tree)
    print(f"starting in a new copy {extra or ''} …", flush=True)
    return start(tree, environment(tree, extra))


def copy_tree(target: Path) -> None:
    """What a clone would bring, with what is not committed yet."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    for name in filter(None, listing.decode().split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def environment(tree: Path, extra: dict[str, str]) -> dict[str, str]:
    home = tree.with_name(tree.name + "-home")
    home.mkdir(exist_ok=True)
    settings = next((path.expanduser() for path in PIP_SETTINGS if path.expanduser().exists()), None)
    own = {"PIP_CONFIG_FILE": str(settings)} if settings and "PIP_CONFIG_FILE" not in os.environ else {}
    unwanted = (
        "UV_CACHE_DIR",
        "PIP_CACHE_DIR",
        "XDG_CACHE_HOME",
        "DATABASE_URL",
        "REDIS_URL",
        "VIRTUAL_ENV",
        "MAKEFLAGS",
        "MAKELEVEL",
    )
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    # A version manager's shim looks into HOME: the interpreter behind it does not.
    python = getattr(sys, "_base_executable", sys.executable)
    return {**kept, "HOME": str(home), "PYTHON": python, "PORT": "0", **own, **extra}


def start(tree: Path, settings: dict[str, str]) -> float:
    """Units: seconds until the address was printed. It is stopped again afterwards."""
    began = time.monotonic()
    with running(tree, settings) as lines:
        for line in lines:
            if line.startswith("Kreis: http"):
                return time.monotonic() - began
            print("   ", line.rstrip(), flush=True)
    raise SystemExit("make run ended without an address.")


@contextmanager
def running(tree: Path, settings: dict[str, str]) -> Iterator[Iterator[str]]:
    process = subprocess.Popen(
        ["make", "run"],
        cwd=tree,
        env=settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    signal.alarm(PATIENCE_SECONDS)
    try:
        yield iter(process.stdout or ())
    finally:
        signal.alarm(0)
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate()
