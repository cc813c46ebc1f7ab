"""The disk of PostgreSQL fills up: it is said, nothing is lost, what is there can be read, and it heals by itself."""

import subprocess
import sys
from pathlib import Path

import pytest

from operations.throwaway import throwaway_folder
from tests.faults import small_disk

MEGABYTES = "200"


def test_a_full_disk_loses_nothing_and_needs_no_hands() -> None:
    with throwaway_folder() as folder:
        disk = folder / "disk"
        disk.mkdir(mode=0o711)
        command = [sys.executable, "-I", "-S", str(Path(small_disk.__file__)), str(disk), MEGABYTES]
        inside = [sys.executable, "-m", "tests.faults.full_disk", str(disk)]
        done = subprocess.run([*command, *inside], capture_output=True, text=True, check=False, timeout=240)
    if done.returncode == small_disk.NOT_ALLOWED:
        pytest.skip(done.stdout.strip())
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
