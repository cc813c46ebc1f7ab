"""A process that ends does not wait for what would run for ever."""

import asyncio

import pytest

from realtime import hub

#: Past the first calls to Redis, one step of the loop at a time.
MOST_TURNS = 40


@pytest.mark.parametrize("seconds", [0, 0.1], ids=["as it begins", "as it waits"])
async def test_what_runs_for_ever_ends_wherever_it_is(seconds: float) -> None:
    """On Python 3.11 a `wait_for`, ours or a library's, can swallow being told to end."""
    remained = {}
    for turns in range(MOST_TURNS):
        if left := await what_is_left(seconds, turns):
            remained[turns] = left
    assert not remained


async def what_is_left(seconds: float, turns: int) -> list[str]:
    """Of a hub that was told to end so long after it began, and so many turns of the loop after it was woken."""
    before = asyncio.all_tasks()
    made = hub.Hub(asyncio.get_running_loop())
    running = asyncio.all_tasks() - before
    await asyncio.sleep(seconds)
    made.bus.tell([])
    made.presence._wake.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    for task in running:
        task.cancel()
    _done, left = await asyncio.wait(running, timeout=3)
    for task in left:  # once more, or this test would not end either
        task.cancel()
    return [repr(task) for task in left]
