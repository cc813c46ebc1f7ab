"""Whether it stays as quick: the same pages with 10 thousand, 1 million and 5 million messages in the database."""

import json
import time
import uuid
from collections.abc import Callable

from bench.house import House
from bench.pages import Visitor
from bench.table import Row

#: How many messages there are in all, and how many of them stand in the room that is visited.
SIZES = {10_000: 2_000, 1_000_000: 50_000, 5_000_000: 200_000}
VISITS = 200


def measure(place: House) -> list[Row]:
    web = place.start_web()
    people = json.loads(place.manage("-m", "bench.people", "growth", "20", "5", "10"))
    visitor = Visitor(web, people[0])
    found: dict[int, dict[str, float]] = {}
    total = own = 0
    for size, in_room in SIZES.items():
        began = time.monotonic()
        place.manage("-m", "bench.filling", people[0]["room"], str(in_room - own), str(size - total - in_room + own))
        total, own = size, in_room
        print(f"growth: {size} messages, filled in {time.monotonic() - began:.0f} s", flush=True)
        if visitor.read(f"{visitor.room}changes/?since={own - 20}").count(b'"type": "message"') != 20:
            raise SystemExit("The room does not show what was filled in.")
        found[size] = visits(visitor, own)
        print("  ".join(f"{act} p95 {p95:.2f} ms" for act, p95 in found[size].items()), flush=True)
    smallest, *larger = found.values()
    return [
        Row(f"growth, {act}: p95 of the smallest", max(one[act] for one in larger) / smallest[act], 1.5, 1.1)
        for act in smallest
    ]


def visits(visitor: Visitor, newest: int) -> dict[str, float]:
    """Units: milliseconds, the 95th of 100."""
    acts: dict[str, Callable[[], float]] = {
        "room page": lambda: visitor.get(f"{visitor.room}?at=newest"),
        "changes": lambda: visitor.get(f"{visitor.room}changes/?since={newest - 20}"),
        "post": lambda: visitor.post(f"{visitor.room}messages/", f"client_id={uuid.uuid4()}&text=A+few+words"),
    }
    took: dict[str, list[float]] = {act: [] for act in acts}
    for turn in range(VISITS + 20):
        for act, do in acts.items():
            milliseconds = do()
            if turn >= 20:
                took[act].append(milliseconds)
    return {act: sorted(times)[int(VISITS * 0.95)] for act, times in took.items()}
