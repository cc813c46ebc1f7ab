"""Lighthouse and the Nu HTML checker, from the npm registry, in a folder of their own outside the checkout."""

import json
import os
import shutil
import subprocess
from pathlib import Path

FOLDER = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kreis-bench"
#: By package, its major version: what a newer one finds is another measure. Lighthouse 13 would want Node 22.
PACKAGES = {"lighthouse": 12, "vnu-jar": 26}
PATIENCE_SECONDS = 600


def installed() -> Path | None:
    """The folder of the packages, which are fetched once; None where they cannot be had, after a sentence."""
    if not (shutil.which("node") and shutil.which("npm")):
        print("browser: Lighthouse and the HTML checker are left out: they need Node.js with npm.")
        return None
    modules = FOLDER / "node_modules"
    if all(_major(modules / name) == major for name, major in PACKAGES.items()):
        return modules
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = [f"{name}@{major}" for name, major in PACKAGES.items()]
    # No scripts: those would fetch a Java of their own from elsewhere.
    options = ["--prefix", str(FOLDER), "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"]
    try:
        done = subprocess.run(
            ["npm", "install", *options, *wanted], capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
        )
        complaint = done.stderr if done.returncode else ""
    except subprocess.TimeoutExpired:
        complaint = f"npm took more than {PATIENCE_SECONDS} s"
    if complaint:
        print(f"browser: Lighthouse and the HTML checker are left out: npm did not fetch them.\n{complaint[-1000:]}")
        return None
    return modules


def _major(package: Path) -> int:
    """Of what is installed there; 0 where nothing is."""
    try:
        return int(json.loads((package / "package.json").read_text())["version"].split(".")[0])
    except (OSError, ValueError, KeyError):
        return 0
