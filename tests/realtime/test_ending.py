"""A process that ends does not wait for what would run for ever."""

import asyncio

import pytest

from realtime.hub import start_hub


@pytest.mark.parametrize("turns", range(5))
async def test_what_runs_for_ever_ends_also_where_it_has_just_been_woken(turns: int) -> None:
    before = asyncio.all_tasks()
    hub = start_hub()
    running = asyncio.all_tasks() - before
    await asyncio.sleep(0.1)
    hub.bus.tell([])
    hub.presence._wake.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    for task in running:
        task.cancel()
    _done, left = await asyncio.wait(running, timeout=3)
    for task in left:  # once more, or this test would not end either
        task.cancel()
    assert not left
