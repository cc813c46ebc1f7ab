"""A Chromium for the browser tests: one that is there, else Debian's package where we may install it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from operations.embedded.failure import StartError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/snap/bin/chromium")
HOW = "install Debian's package `chromium`, or name a Chromium or Chrome by CHROMIUM=/path/to/it."


def find_or_install() -> Path:
    """Raises: StartError saying how to get one."""
    if found := find():
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        install()
        if found := find():
            return found
    raise StartError(f"the browser tests need a Chromium: {HOW}")


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
    print("Kreis: installing Debian's chromium for the browser tests …", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
        done = subprocess.run(
            ["apt-get", "-qq", *command],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            print(done.stdout[-2000:], file=sys.stderr, flush=True)
            raise StartError(f"Debian's chromium could not be installed: {HOW}")
