"""Two and four web processes: one order, each word once, and what ends in one ends in all."""

import asyncio
import subprocess
import sys
import time
import uuid
from contextlib import AsyncExitStack

import pytest

from tests.faults.conversation import Conversation, page_at, until
from tests.faults.house import House, Web

pytestmark = pytest.mark.xdist_group("other house")

PROCESSES = 4


@pytest.fixture(scope="session")
def shared_four(shared_house: House) -> list[Web]:
    webs = list(shared_house.webs)
    while len(webs) < PROCESSES:
        webs.append(shared_house.open_web())
    for web in webs:
        shared_house.wait_for(web)
    return webs


@pytest.mark.parametrize("count", [2, 4])
async def test_all_hear_the_same_in_one_order_and_once(house: House, shared_four: list[Web], count: int) -> None:
    held = Conversation(house, ports=[web.port for web in shared_four[:count]])
    try:
        await held.begin()
        await warm_up(held)
        for page in held.readers:
            page.frames.clear()
        before = sum(len(page.said) for page in held.writers)
        held.talk()
        await asyncio.sleep(3)
        await held.healed(time.monotonic(), f"{count} processes")
        await held.check()
        said = sum(len(page.said) for page in held.writers) - before
        for page in held.readers:
            heard = [frame["sequence"] for frame in page.frames]
            assert len(heard) == len(set(heard)) == said, "live, and no word twice: one's own echo is none"
            for writer in held.writers:
                own = {item.answer["id"] for item in writer.said if item.answer}
                places = [frame["sequence"] for frame in page.frames if frame["id"] in own]
                assert places == sorted(places), "what one page says is heard in its order"
        assert not any(item.reason for page in held.writers for item in page.said), "acknowledged at the first try"
    finally:
        await held.end()
    assert "Traceback" not in (log := house.said()), log


async def warm_up(held: Conversation) -> None:
    """Until every process hears every other: they may just have started."""
    async with asyncio.timeout(30):
        while True:
            item = held.writers[0].post(f"can you hear me? {uuid.uuid4()}")
            await asyncio.sleep(1)
            if item.answer and all(
                item.answer["id"] in {frame["id"] for frame in page.frames} for page in held.readers
            ):
                return


async def test_a_ban_cuts_the_sockets_at_every_process(house: House, shared_four: list[Web]) -> None:
    room = house.take_room()
    async with AsyncExitStack() as pages:
        opened = [await pages.enter_async_context(page_at(house, web, "out", room)) for web in shared_four]
        other = await pages.enter_async_context(page_at(house, shared_four[0], "ada", room))
        command = [sys.executable, "manage.py", "ban", house.slug, house.people["out"].membership]
        command += ["--reason", "a test"]
        await asyncio.to_thread(subprocess.run, command, env=house.environment, check=True, capture_output=True)
        took = await until(lambda: all(4403 in page.codes for page in opened), 10)
        print(f"cut {took:.1f} s after the ban")
        assert other.is_open


async def test_who_is_here_is_seen_at_every_process(house: House, shared_four: list[Web]) -> None:
    room = house.take_room()
    async with AsyncExitStack() as pages:
        watching = [await pages.enter_async_context(page_at(house, web, "ada", room)) for web in shared_four]
        names = ("gus", "kim", "mel", "bea")
        for web, name in zip(shared_four, names, strict=True):
            looked_at = await pages.enter_async_context(page_at(house, web, name, room))
            await looked_at.be_here()
        people = {house.people[name].membership for name in names}
        took = await until(lambda: all(page.here == people for page in watching))
        print(f"all four seen at all four after {took:.1f} s")
