"""A Chromium for the browser tests: one that is there, else Debian's package where we may install it.

Where there is also Debian's headless shell, the same Chromium without windows, menus and profiles, most tests use that:
their browser costs a quarter less.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from operations.embedded.failure import StartError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/snap/bin/chromium")
SHELL = "chromium-headless-shell"
HOW = "install Debian's package `chromium`, or name a Chromium or Chrome by CHROMIUM=/path/to/it."


def find_or_install() -> dict[str, str]:
    """The environment that says where they are; both names are one program where there is no shell.

    Raises: StartError saying how to get one.
    """
    found = find()
    if not found and os.geteuid() == 0 and shutil.which("apt-get"):
        install()
        found = find()
    if not found:
        raise StartError(f"the browser tests need a Chromium: {HOW}")
    shell = None if os.environ.get("CHROMIUM") else shutil.which(SHELL)
    return {"KREIS_CHROMIUM": str(found), "KREIS_HEADLESS_SHELL": shell or str(found)}


def find() -> Path | None:
    """Raises: StartError where the one that was named does not exist."""
    if named := os.environ.get("CHROMIUM"):
        path = shutil.which(named)
        if not path:
            raise StartError(f"CHROMIUM names {named}, but nothing can be run there: {HOW}")
        return Path(path)
    candidates = [shutil.which(name) for name in (*NAMES, *PLACES)]
    return next((Path(path) for path in candidates if path), None) or playwrights_own()


def playwrights_own() -> Path | None:
    folders = (Path.home() / ".cache" / "ms-playwright", Path.home() / "Library" / "Caches" / "ms-playwright")
    patterns = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*/Contents/MacOS/*")
    found = sorted(path for folder in folders for pattern in patterns for path in folder.glob(pattern))
    return found[-1] if found else None


def install() -> None:
    """The shell is not in every release of Debian, nor in Ubuntu: without it all goes on, only slower."""
    print("Kreis: installing Debian's chromium for the browser tests …", flush=True)
    for command in (["update"], ["install", "chromium"]):
        if complaint := apt_get(command):
            print(complaint[-2000:], file=sys.stderr, flush=True)
            raise StartError(f"Debian's chromium could not be installed: {HOW}")
    apt_get(["install", SHELL])


def apt_get(command: list[str]) -> str:
    """What it complains about; empty where it did what it should."""
    done = subprocess.run(
        ["apt-get", "-qq", "--yes", "--no-install-recommends", *command],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout or "?" if done.returncode else ""
