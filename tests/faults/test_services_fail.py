"""kill -9 and freezing of web, Redis and PostgreSQL, one after another and two at once, while people go on writing."""

import asyncio
import itertools
import time
from collections.abc import Callable

import pytest

from tests.faults.conversation import Conversation, conversation
from tests.faults.house import House

pytestmark = pytest.mark.xdist_group("house")

THINGS = ("web", "redis", "postgres")
FAULTS = [f"{thing}-{mode}" for thing in THINGS for mode in ("killed", "frozen")]
PAIRS = [pair for pair in itertools.combinations(FAULTS, 2) if pair[0].split("-")[0] != pair[1].split("-")[0]]

#: Long enough for every page to notice; so much is said before, too.
AWAY_SECONDS = 1.0


def fault(house: House, name: str) -> Callable[[], None]:
    thing, mode = name.split("-")
    which = {"web": house.webs[0], "redis": house.redis, "postgres": house.postgres}[thing]
    return lambda: (house.kill if mode == "killed" else house.freeze)(which)


async def break_and_mend(held: Conversation, faults: tuple[str, ...]) -> None:
    """People go on writing until everything is back, and then fall silent: nothing later covers up what is missing."""
    held.talk()
    await asyncio.sleep(AWAY_SECONDS)
    for name in faults:
        await asyncio.to_thread(fault(held.house, name))
    await asyncio.sleep(AWAY_SECONDS)
    await asyncio.to_thread(held.house.bring_back)
    returned = time.monotonic()
    await held.healed(returned, "+".join(faults))
    await held.check()


async def test_one_after_another(house: House) -> None:
    async with conversation(house) as held:
        for name in FAULTS:
            await break_and_mend(held, (name,))
    assert "Traceback" not in (log := house.said()), log


@pytest.mark.parametrize("faults", PAIRS, ids="+".join)
async def test_two_at_once(house: House, faults: tuple[str, ...]) -> None:
    async with conversation(house) as held:
        await break_and_mend(held, faults)
    assert "Traceback" not in (log := house.said()), log
