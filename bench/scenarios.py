"""The ways in which a room is used hard. Each is run against a program: the limit, or one or two web processes."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bench.history import stored_numbers
from bench.house import House, Program
from bench.load import Load, Person
from bench.processes import memory_kb

PAGE_READS_EVERY_SECONDS = 5
PAGE_TICKS_EVERY_SECONDS = 5


@dataclass(frozen=True)
class Outcome:
    """What one run of one scenario gave. Units: seconds and milliseconds as named."""

    p50_ms: float
    p95_ms: float
    cpu_ms_per_1000: float
    per_second: float
    load_cpu_share: float
    delivered: int
    lost: int
    doubled: int
    complaints: Sequence[str]


async def everybody_in(programs: Sequence[Program], people: Sequence[dict[str, str]], load: Load) -> list[Person]:
    """Open a page for each, spread over the programs in turn, a few at a time."""
    is_limit = "bench.limit" in programs[0].process.args  # type: ignore[operator]
    opened = [Person(load, who) for who in people]
    door = asyncio.Semaphore(20)

    async def enter(place: int, person: Person) -> None:
        async with door:
            await person.open(programs[place % len(programs)].port, is_limit)

    await asyncio.gather(*(enter(place, person) for place, person in enumerate(opened)))
    return opened


async def speak_like_pages(people: Sequence[Person]) -> None:
    """What open pages say by themselves, spread evenly: up to where they were read."""
    while True:
        for person in people:
            person.read()
            await asyncio.sleep(PAGE_READS_EVERY_SECONDS / len(people))


async def steadily(people: Sequence[Person], load: Load, *, room_of: int, rate: float, seconds: float) -> None:
    """So many messages a second, each by the next person, as a clock would."""
    began = time.perf_counter()
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        people[number % len(people)].post(room_of)
        people[(number + 1) % len(people)].begin()
    await load.settle()


async def in_flight(people: Sequence[Person], load: Load, *, room_of: int, flying: int, seconds: float) -> None:
    """So many messages on the way at any time: when one is everywhere, the next is written, by the next person."""
    end = time.perf_counter() + seconds
    turn = iter(range(10**9))

    def write() -> None:
        if time.perf_counter() < end:
            number = next(turn)
            people[number % len(people)].post(room_of)
            people[(number + flying) % len(people)].begin()

    def go_on(number: int) -> None:
        loop.call_soon(write)

    loop = asyncio.get_running_loop()
    load.on_done = go_on
    for _ in range(flying):
        write()
    await asyncio.sleep(seconds)
    await load.settle()


Work = Callable[[Sequence[Person], Load], Awaitable[None]]


async def run(place: House, programs: Sequence[Program], people: Sequence[dict[str, str]], work: Work) -> Outcome:
    """Everybody in, a few words to warm up, the work, and the count of what arrived and what stands in the history."""
    load = Load()
    opened = await everybody_in(programs, people, load)
    room_of = sum(person.room == opened[0].room for person in opened)
    await in_flight(opened, load, room_of=room_of, flying=8, seconds=1)
    load.on_done = lambda number: None
    load.latencies.clear()
    before = load.delivered
    pages = asyncio.create_task(speak_like_pages(opened))
    servers, own, began = place.cpu_of(*programs), time.process_time(), time.perf_counter()
    await work(opened, load)
    servers, own = place.cpu_of(*programs) - servers, time.process_time() - own
    took = time.perf_counter() - began
    pages.cancel()
    delivered = load.delivered - before
    stored = await asyncio.to_thread(stored_numbers, programs[0], opened, load)
    for person in opened:
        person.close()
    latencies = sorted(load.latencies) or [0.0]
    lost, doubled = losses(load, stored)
    return Outcome(
        p50_ms=latencies[len(latencies) // 2] * 1000,
        p95_ms=latencies[int(len(latencies) * 0.95)] * 1000,
        cpu_ms_per_1000=servers * 1e6 / max(delivered, 1),
        per_second=delivered / took,
        load_cpu_share=own / took,
        delivered=delivered,
        lost=lost,
        doubled=doubled,
        complaints=load.refused,
    )


@dataclass(frozen=True)
class Idle:
    """What sockets cost that only stay open. Units: kB each, percent of one core."""

    kb_per_socket: float
    cpu_percent: float
    first_minute_percent: float


async def idle(place: House, program: Program, people: Sequence[dict[str, str]], seconds: float) -> Idle:
    """A tenth of them first, so that what a process needs once is not counted; then all, who do what idle pages do."""
    load = Load()
    few = len(people) // 10
    opened = await everybody_in([program], people[:few], load)
    await asyncio.sleep(5)
    memory = memory_kb(program.pid)
    opened += await everybody_in([program], people[few:], load)
    pages = asyncio.create_task(_idle_pages(opened))
    await asyncio.sleep(5)
    each = (memory_kb(program.pid) - memory) / (len(people) - few)
    first = await _percent(place, program, 60)
    usual = await _percent(place, program, seconds)
    each = max(each, (memory_kb(program.pid) - memory) / (len(people) - few))
    pages.cancel()
    if load.refused or load.ended:
        raise SystemExit(f"{load.ended} idle sockets ended: {load.refused[:3]}")
    for person in opened:
        person.close()
    return Idle(each, usual, first)


async def _percent(place: House, program: Program, seconds: float) -> float:
    before = place.cpu_of(program)
    await asyncio.sleep(seconds)
    return (place.cpu_of(program) - before) / seconds * 100


async def _idle_pages(people: Sequence[Person]) -> None:
    while True:
        for person in people:
            person.tick()
            await asyncio.sleep(PAGE_TICKS_EVERY_SECONDS / len(people))


async def soak(
    program: Program, people: Sequence[dict[str, str]], *, room_of: int, rate: float, seconds: float
) -> tuple[list[tuple[float, int]], int]:
    """Words for a long time.

    Shape: pairs of seconds since the start and kB of memory, one every half minute; and how many words were lost or
    doubled, on the sockets or in the history.
    """
    load = Load()
    opened = await everybody_in([program], people, load)
    pages = asyncio.create_task(speak_like_pages(opened))
    talk = asyncio.create_task(steadily(opened, load, room_of=room_of, rate=rate, seconds=seconds))
    began, curve = time.monotonic(), [(0.0, memory_kb(program.pid))]
    while not talk.done():
        await asyncio.wait([talk], timeout=30)
        curve.append((time.monotonic() - began, memory_kb(program.pid)))
        print(f"  {curve[-1][0]:6.0f} s {curve[-1][1]:8} kB", flush=True)
    await talk
    pages.cancel()
    stored = await asyncio.to_thread(stored_numbers, program, opened, load)
    lost, doubled = losses(load, stored)
    print(f"  {load.delivered} deliveries, lost {lost}, doubled {doubled}, {load.refused[:3]}")
    for person in opened:
        person.close()
    return curve, lost + doubled


def losses(load: Load, stored: Sequence[int]) -> tuple[int, int]:
    """Lost and doubled, on the sockets and in the history."""
    return load.lost + len(set(load.sent) - set(stored)), load.doubled + len(stored) - len(set(stored))
