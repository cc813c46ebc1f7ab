"""The wall clock is set, by hours and by more than a day, forwards and back, while people talk."""

import asyncio
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.faults.asking import ask
from tests.faults.conversation import HEALED_WITHIN, page_at, until
from tests.faults.house import House, Web

pytestmark = pytest.mark.xdist_group("other house")

#: daphne looks at its connections every 2 s.
LOOKED_AT_SECONDS = 2.5
STORED = "SELECT text, created_at FROM messaging_message WHERE room_id = %s ORDER BY sequence"


@pytest.fixture
def clock(house: House, tmp_path: Path) -> tuple[Path, Web]:
    hours = tmp_path / "hours"
    hours.write_text("0")
    web = house.open_web(command=[sys.executable, "-m", "tests.faults.stepping"], KREIS_TEST_CLOCK=str(hours))
    house.wait_for(web)
    return hours, web


async def test_a_clock_that_is_set_loses_reorders_and_closes_nothing(house: House, clock: tuple[Path, Web]) -> None:
    hours, web = clock
    room = house.take_room()
    async with (
        page_at(house, web, "ada", room) as ada,
        page_at(house, web, "bea", room, has_socket=False) as bea,
        page_at(house, house.webs[0], "mo", room) as mo,
    ):
        for step in ("5", "-7", "30", "0"):
            await asyncio.to_thread(hours.write_text, step)
            for number in range(3):
                for page in (ada, mo):
                    page.post(f"{step} {number}")
            bea.post(f"{step} by form")
            await until(lambda: ada.is_empty and mo.is_empty and bea.is_empty, HEALED_WITHIN)
            said = len([*ada.said, *mo.said, *bea.said])
            await until(lambda said=said: len(ada.shown) == len(mo.shown) == said, HEALED_WITHIN)  # type: ignore[misc]
        await asyncio.sleep(LOOKED_AT_SECONDS)
        assert (ada.codes, mo.codes) == ([], []), "no socket was closed"
        assert not any(item.reason for page in (ada, mo, bea) for item in page.said), "nobody had to wait"
        assert len(ada.frames) == len(mo.frames) == said, "live, and each once"

        stored = await asyncio.to_thread(house.ask, STORED, room)
        assert sorted(row[0] for row in stored) == sorted(item.text for page in (ada, mo, bea) for item in page.said)
        ahead = {round((row[1] - datetime.now(UTC)).total_seconds() / 3600) for row in stored}
        assert ahead == {5, -7, 30, 0}, "the clock was another"
        answer = await ask(web.port, ada.path, ada.person.session, accept="text/html")
        assert answer is not None
        shown = [int(number) for number in re.findall(r'data-sequence="(\d+)"', answer.text)]
        assert shown == list(range(1, len(stored) + 1)), "ordered by number, whatever the time"
    assert "Traceback" not in (log := house.said()), log
