"""Which processes live, and which of them are ours: a number alone proves nothing, it is given away again."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

LINUX = sys.platform == "linux"


def start_time(pid: int) -> str | None:
    """When the process started, in the system's own unit; None where none lives (a zombie does not)."""
    if LINUX:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (OSError, ValueError):
            return None
        return None if fields[0] in {"Z", "X"} else fields[19]
    words = ps("-o", "stat=,lstart=", "-p", str(pid)).split(maxsplit=1)
    return None if len(words) < 2 or words[0].startswith("Z") else words[1].strip()


def is_taken(pid: int) -> bool:
    """Whether the number is in use, as PostgreSQL sees it: also by a stranger's process, or by a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def living_in(folder: Path, program: str) -> set[int]:
    """The program's processes that stand in the folder: both servers go into their data at start."""
    if not LINUX:
        place = re.escape(str(folder))
        lines = re.findall(rf"^\s*(\d+)\s+\S*{program} .*{place}", ps("-axww", "-o", "pid=,command="), re.MULTILINE)
        return {int(pid) for pid in lines}
    try:
        place = str(folder.resolve())
    except OSError:
        return set()
    pids = (entry for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return {int(entry.name) for entry in pids if stands_in(entry, place, program)}


def stands_in(entry: Path, place: str, program: str) -> bool:
    try:
        executable = (entry / "exe").readlink().name.removesuffix(" (deleted)")
        return executable == program and str((entry / "cwd").readlink()) == place
    except OSError:  # gone, or not ours to look at
        return False


def ps(*arguments: str) -> str:
    return subprocess.run(["ps", *arguments], capture_output=True, text=True, check=False).stdout


def send(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def wait_until_gone(folder: Path, program: str, seconds: float) -> set[int]:
    """Returns: those that still live when the time is over."""
    end = time.monotonic() + seconds
    while (pids := living_in(folder, program)) and time.monotonic() < end:
        time.sleep(0.05)
    return pids


def end_all_in(folder: Path, program: str, *, gently: signal.Signals, patience_seconds: float) -> None:
    """End a server that an earlier run left behind, with all its children: asked first, then told."""
    send(living_in(folder, program), gently)
    for number in (signal.SIGQUIT, signal.SIGKILL):
        if not (rest := wait_until_gone(folder, program, patience_seconds)):
            return
        send(rest, number)
    wait_until_gone(folder, program, patience_seconds)
