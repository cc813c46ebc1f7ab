"""CPU and memory of processes, from /proc: other load on the machine hardly disturbs these."""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pids: Iterable[int]) -> float:
    """Units: seconds of user and system time of the processes, their living children and those that ended."""
    return sum(_own_and_ended(pid) for root in pids for pid in _family(root))


def memory_kb(pid: int) -> int:
    """Units: kB of the process that stand in memory."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def _own_and_ended(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # ended meanwhile: its time stands with its parent
        return 0.0
    return sum(int(field) for field in fields[11:15]) / TICKS


def _family(root: int) -> list[int]:
    family = [root]
    for pid in family:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                family += [int(child) for child in (task / "children").read_text().split()]
    return family
