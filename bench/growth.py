"""Whether it stays as quick: the same pages with 10 thousand, 1 million and 5 million messages in the database."""

import json
import time
import uuid

from bench.house import House
from bench.pages import Visitor
from bench.table import Row

#: How many messages there are in all, and how many of them stand in the room that is visited.
SIZES = {10_000: 2_000, 1_000_000: 50_000, 5_000_000: 200_000}
VISITS, WARM_UP, MISSED = 200, 20, 20
#: A word of every fourth message that filling.py writes; and one that is said once, then buried.
COMMON, RARE = "evening", "axolotl"
SEARCHES = {"search, common word": COMMON, "search, common beginning": "eve", "search, rare word": RARE}


def measure(place: House) -> list[Row]:
    web = place.start_web()
    people = json.loads(place.manage("-m", "bench.people", "growth", "20", "5", "10"))
    found: dict[int, dict[str, float]] = {}
    total = own = 0
    for size, in_room in SIZES.items():
        began = time.monotonic()
        place.manage("-m", "bench.filling", people[0]["room"], str(in_room - own), str(size - total - in_room + own))
        total, own = size, in_room
        print(f"growth: {size} messages, filled in {time.monotonic() - began:.0f} s", flush=True)
        # A connection of its own: one that says nothing while millions are filled in is hung up.
        found[size] = visits(Visitor(web, people[0]))
        print("  ".join(f"{act} p95 {p95:.2f} ms" for act, p95 in found[size].items()), flush=True)
    smallest, *larger = found.values()
    return [
        Row(f"growth, {act}: p95 of the smallest", max(one[act] for one in larger) / smallest[act], 1.5, 1.1)
        for act in smallest
    ]


def visits(visitor: Visitor) -> dict[str, float]:
    """Units: milliseconds, the 95th percentile. A page that was away asks for the last twenty changes."""
    change = newest_change(visitor)
    visitor.post(f"{visitor.room}messages/", f"client_id={uuid.uuid4()}&text={RARE}")
    search = f"/c/{visitor.who['slug']}/search/?q="
    for word, least in ((COMMON, 20), (RARE, 1)):
        if (hits := visitor.read(search + word).count(b"<mark>")) < least:
            raise SystemExit(f"The search for {word} finds {hits} messages.")
    took: dict[str, list[float]] = {act: [] for act in ("room page", "changes", "post", *SEARCHES)}
    for turn in range(VISITS + WARM_UP):
        milliseconds = {
            "room page": visitor.get(f"{visitor.room}?at=newest"),
            "changes": visitor.get(f"{visitor.room}changes/?since={change + turn - MISSED}"),
            "post": visitor.post(f"{visitor.room}messages/", f"client_id={uuid.uuid4()}&text=A+few+words"),
            **{act: visitor.get(search + word) for act, word in SEARCHES.items()},
        }
        if turn >= WARM_UP:
            for act, times in took.items():
                times.append(milliseconds[act])
    return {act: sorted(times)[int(VISITS * 0.95)] for act, times in took.items()}


def newest_change(visitor: Visitor) -> int:
    """Raises: SystemExit where the room does not show what was filled in."""
    change: int = json.loads(visitor.read(f"{visitor.room}changes/?since={10**9}"))["up_to"]
    missed = json.loads(visitor.read(f"{visitor.room}changes/?since={change - MISSED}"))["items"]
    if len(missed) != MISSED:
        raise SystemExit(f"The room shows {len(missed)} of the last {MISSED} changes.")
    return change
