"""One table at the end: what was measured against its goals."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measure; smaller is better. A ratio unless a unit says otherwise."""

    title: str
    value: float
    at_most: float
    aim: float
    unit: str = "×"

    @property
    def verdict(self) -> str:
        if self.value > self.at_most:
            return "MISSED"
        return "" if self.value <= self.aim else "allowed"


def print_table(rows: Sequence[Row]) -> int:
    """Returns: the exit code, 1 where a row is over what is allowed."""
    if rows:
        print(f"\n{'':58}{'measured':>12}{'at most':>12}{'aim':>12}")
    for row in rows:
        cells = "".join(f"{number:>9.4g} {row.unit:2}" for number in (row.value, row.at_most, row.aim))
        print(f"{row.title:58}{cells}  {row.verdict}".rstrip())
    return int(any(row.verdict == "MISSED" for row in rows))
