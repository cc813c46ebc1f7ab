"""`make bench ARGS="live idle pages browser growth soak starts"`: without words all of it but the soak."""

import json
import resource
import signal
import statistics
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial

import uvloop

from bench import browser, growth, pages, scenarios, startup
from bench.house import House, Program, house
from bench.scenarios import Outcome
from bench.table import Row, print_table

PARTS = {"live", "idle", "pages", "browser", "growth", "soak", "starts"}
#: The middle one counts: a machine with neighbours has slow moments.
ROUNDS = 5
SETTLED_SECONDS = 300
Cast = list[dict[str, str]]
#: By scenario and program, one outcome a round.
Results = dict[tuple[str, str], list[Outcome]]


def main(wanted: Sequence[str]) -> int:
    if unknown := set(wanted) - PARTS:
        raise SystemExit(f"Unknown: {', '.join(sorted(unknown))}. There are: {', '.join(sorted(PARTS))}.")
    parts = set(wanted) or PARTS - {"soak"}
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))  # what was started is ended, too
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65536), most))
    rows: list[Row] = []
    measures = {
        "live": live,
        "idle": idle,
        "pages": pages.measure,
        "browser": browser.measure,
        "growth": growth.measure,
    }
    for part, measure in measures.items():
        if part in parts:
            with house() as place:
                rows += measure(place)
    if "soak" in parts:
        with house() as place:
            rows += soak(place)
    if "starts" in parts:
        rows += startup.measure()
    return print_table(rows)


def cast(place: House, slug: str, communities: int, rooms: int, people: int) -> Cast:
    made: Cast = json.loads(place.manage("-m", "bench.people", slug, str(communities), str(rooms), str(people)))
    return made


def live(place: House) -> list[Row]:
    one, many = cast(place, "one", 1, 1, 100), cast(place, "many", 20, 1, 25)
    works = {
        "A": (one[:50], partial(scenarios.steadily, room_of=50, rate=5, seconds=12)),
        "B64": (one, partial(scenarios.in_flight, room_of=100, flying=64, seconds=6)),
        "B1": (one, partial(scenarios.in_flight, room_of=100, flying=1, seconds=6)),
        "C": (many, partial(scenarios.in_flight, room_of=25, flying=80, seconds=6)),
    }
    results: Results = defaultdict(list)
    limit, web = place.start_limit(), [place.start_web(), place.start_web()]
    for _ in range(ROUNDS):
        for name, (people, work) in works.items():
            for title, programs in {"limit": [limit], "one": web[:1], "two": web}.items():
                results[name, title].append(_run(place, name, title, programs, people, work))
    return [*_compared(results), _compared_two(results, works), _nothing_lost(results)]


def _run(place: House, name: str, title: str, programs: list[Program], people: Cast, work: scenarios.Work) -> Outcome:
    outcome = uvloop.run(scenarios.run(place, programs, people, work))
    print(
        f"{name:4} {title:6} p50 {outcome.p50_ms:8.2f} ms  p95 {outcome.p95_ms:8.2f} ms  "
        f"{outcome.cpu_ms_per_1000:8.2f} ms CPU/1000  {outcome.per_second:8.0f} deliveries/s  "
        f"load {outcome.load_cpu_share:4.0%}  lost {outcome.lost}  doubled {outcome.doubled}  {outcome.complaints[:2]}",
        flush=True,
    )
    return outcome


def _compared(results: Results) -> list[Row]:
    def cpu(name: str) -> float:
        return _ratio(results[name, "one"], results[name, "limit"], lambda outcome: outcome.cpu_ms_per_1000)

    p50 = _ratio(results["A", "one"], results["A", "limit"], lambda outcome: outcome.p50_ms)
    return [
        Row("A: p50 from send to receipt", p50, 5, 2.5),
        Row("B, 64 in flight: CPU per delivery", cpu("B64"), 5, 1),
        Row("B, 1 in flight: CPU per delivery", cpu("B1"), 16, 9),
        Row("C, 20 rooms of 25: CPU per delivery", cpu("C"), 6, 3),
    ]


def _ratio(these: Sequence[Outcome], those: Sequence[Outcome], of: Callable[[Outcome], float]) -> float:
    """Round by round, and of these the one in the middle."""
    return statistics.median(of(this) / of(that) for this, that in zip(these, those, strict=True))


def _compared_two(results: Results, works: Iterable[str]) -> Row:
    worst = max(_ratio(results[name, "two"], results[name, "one"], lambda one: one.cpu_ms_per_1000) for name in works)
    return Row("two processes: CPU per delivery of one, worst", worst, 2, 1.3)


def _nothing_lost(results: Results) -> Row:
    wrong = sum(outcome.lost + outcome.doubled for outcomes in results.values() for outcome in outcomes)
    return Row("lost or doubled, live and stored", wrong, 0, 0, unit="")


def idle(place: House) -> list[Row]:
    web = place.start_web()
    people = cast(place, "idle", 20, 1, 50)
    found = uvloop.run(scenarios.idle(place, web, people, 120))
    print(
        f"idle {found.kb_per_socket:.1f} kB/socket  {found.cpu_percent:.2f} %  first {found.first_minute_percent:.2f} %"
    )
    return [
        Row("D: memory of an idle socket", found.kb_per_socket, 45, 32, unit="kB"),
        Row("D: CPU with 1,000 idle sockets", found.cpu_percent, 1, 0.3, unit="%"),
    ]


def soak(place: House) -> list[Row]:
    print("soak: 200 sockets, 50 messages a second, 20 minutes; memory of the web process")
    web, people = place.start_web(), cast(place, "soak", 8, 1, 25)
    curve, wrong = uvloop.run(scenarios.soak(web, people, room_of=25, rate=50, seconds=1200))
    settled = next(kb for seconds, kb in curve if seconds >= SETTLED_SECONDS)
    return [
        Row("soak: memory at the end, of that after 5 minutes", curve[-1][1] / settled, 1.1, 1.02),
        Row("soak: lost or doubled, live and stored", wrong, 0, 0, unit=""),
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
