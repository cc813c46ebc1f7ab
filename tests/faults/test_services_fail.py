"""kill -9 and freezing of web, Redis and PostgreSQL, one after another and two at once, while people go on writing."""

import asyncio
import itertools
import time
from collections.abc import Callable, Sequence

import pytest

from tests.faults.conversation import Conversation, conversation
from tests.faults.house import House

pytestmark = pytest.mark.xdist_group("house")

MODES = ("killed", "frozen")
#: "web" and "other web" are the two processes.
FAULTS = [(f"{thing} {mode}",) for thing in ("web", "redis", "postgres") for mode in MODES]
PAIRS = {
    f"{one} and {other}": [(f"{one} {mode}", f"{other} {its_mode}") for mode in MODES for its_mode in MODES]
    for one, other in itertools.combinations(("web", "redis", "postgres"), 2)
}
BOTH = [
    (f"web {mode}", f"other web {its_mode}") for mode, its_mode in itertools.combinations_with_replacement(MODES, 2)
]

#: Long enough for every page to notice; so much is said before, too.
AWAY_SECONDS = 0.8
#: Longer than the bus waits with a message, than a page's and than the database's patience.
LONG_AWAY_SECONDS = 9.0


def fault(house: House, name: str) -> Callable[[], None]:
    thing, mode = name.rsplit(maxsplit=1)
    webs = {"web": house.webs[0], "other web": house.webs[1]}
    which = webs.get(thing) or {"redis": house.redis, "postgres": house.postgres}[thing]
    return lambda: (house.kill if mode == "killed" else house.freeze)(which)


async def break_and_mend(held: Conversation, faults: Sequence[str], away_seconds: float = AWAY_SECONDS) -> None:
    """People go on writing until everything is back, and then fall silent: nothing later covers up what is missing."""
    held.talk()
    await asyncio.sleep(AWAY_SECONDS)
    for name in faults:
        await asyncio.to_thread(fault(held.house, name))
    await asyncio.sleep(away_seconds)
    await asyncio.to_thread(held.house.bring_back)
    returned = time.monotonic()
    await held.healed(returned, " and ".join(faults))
    await held.check()


@pytest.mark.parametrize("accidents", [FAULTS, *PAIRS.values(), BOTH], ids=["one after another", *PAIRS, "both"])
async def test_no_word_is_lost(house: House, accidents: Sequence[Sequence[str]]) -> None:
    async with conversation(house) as held:
        for faults in accidents:
            await break_and_mend(held, faults)
    assert "Traceback" not in (log := house.said()), log


async def test_no_word_is_lost_where_everything_stands_still_for_long(house: House) -> None:
    async with conversation(house) as held:
        await break_and_mend(held, ["web frozen", "redis frozen", "postgres frozen"], LONG_AWAY_SECONDS)
        await break_and_mend(held, ["redis frozen"], LONG_AWAY_SECONDS / 2)
    assert "Traceback" not in (log := house.said()), log
