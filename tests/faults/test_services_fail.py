"""kill -9 and freezing of web, Redis and PostgreSQL, alone and two at once, while people go on writing."""

import asyncio
import itertools
import time
from collections.abc import Callable

import pytest

from tests.faults.conversation import conversation
from tests.faults.house import House

pytestmark = [pytest.mark.xdist_group("house")]

THINGS = ("web", "redis", "postgres")
FAULTS = [f"{thing}-{mode}" for thing in THINGS for mode in ("killed", "frozen")]
PAIRS = [pair for pair in itertools.combinations(FAULTS, 2) if pair[0].split("-")[0] != pair[1].split("-")[0]]

#: How long it stays away: long enough for every page to notice.
AWAY_SECONDS = 1.0


def fault(house: House, name: str) -> Callable[[], None]:
    thing, mode = name.split("-")
    which = {"web": house.webs[0], "redis": house.redis, "postgres": house.postgres}[thing]
    return lambda: (house.kill if mode == "killed" else house.freeze)(which)


@pytest.mark.parametrize("faults", [(name,) for name in FAULTS] + PAIRS, ids="+".join)
async def test_no_word_is_lost(house: House, faults: tuple[str, ...]) -> None:
    async with conversation(house) as held:
        held.talk()
        await asyncio.sleep(0.8)
        for name in faults:
            await asyncio.to_thread(fault(house, name))
        await asyncio.sleep(AWAY_SECONDS)
        await asyncio.to_thread(house.bring_back)
        returned = time.monotonic()
        await asyncio.sleep(0.5)
        took = await held.healed(returned)
        await held.check()
    print(f"{'+'.join(faults)}: healed {took:.1f} s after the return")  # noqa: T201
    log = house.said()
    assert "Traceback" not in log, log
