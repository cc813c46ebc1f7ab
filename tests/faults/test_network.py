"""Between page and server lies a bad network: late, uneven, standing still, torn, or only slow in reading."""

import asyncio
import time

import pytest

from tests.faults.conversation import HEALED_WITHIN, Conversation, page_at, until
from tests.faults.house import House
from tests.faults.network import Network, network

pytestmark = pytest.mark.xdist_group("other house")


async def be_bad(bad: Network) -> None:
    """Four seconds of everything."""
    bad.delay, bad.jitter = 0.05, 0.15
    await asyncio.sleep(1)
    bad.stall(up=False)
    await asyncio.sleep(0.5)
    bad.flow()
    bad.tear()
    await asyncio.sleep(1)
    bad.stall(down=False)
    await asyncio.sleep(0.5)
    bad.tear()
    bad.flow()
    await asyncio.sleep(0.5)
    bad.stall()
    await asyncio.sleep(0.5)
    bad.tear()
    bad.flow()
    bad.delay = bad.jitter = 0.0


async def test_no_word_is_lost_over_a_bad_network(house: House) -> None:
    async with network(house.webs[0].port) as (bad, port), network(house.webs[1].port) as (other, other_port):
        held = Conversation(house, ports=(port, other_port))
        try:
            await held.begin()
            held.talk()
            await asyncio.gather(be_bad(bad), be_bad(other))
            await held.healed(time.monotonic(), "a bad network")
            await held.check()
        finally:
            await held.end()
    assert "Traceback" not in (log := house.said()), log


async def test_who_reads_too_slowly_is_cut_comes_back_and_misses_nothing(house: House) -> None:
    room, web = house.take_room(), house.webs[0]
    async with (
        network(web.port) as (slow, port),
        page_at(house, web, "kim", room, port=port) as reader,
        page_at(house, web, "ada", room) as ada,
        page_at(house, house.webs[1], "mo", room) as mo,
    ):
        slow.stall()
        for number in range(9):
            for page in (ada, mo):
                page.post(f"{number} " + "🌻" * 7900)  # as JSON about 95 kB each
        await until(lambda: ada.is_empty and mo.is_empty, 60)
        slow.flow()
        took = await until(lambda: len(reader.shown) == 18, HEALED_WITHIN)
        print(f"a slow reader: complete {took:.1f} s after the network's return")
        await until(lambda: 4408 in reader.codes)  # what it asked for may have come before the end of the socket
        assert not reader.reloads
        assert not reader.errors
    assert "Traceback" not in (log := house.said()), log
