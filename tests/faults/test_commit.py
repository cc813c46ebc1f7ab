"""PostgreSQL or the web process is lost while a message is being committed."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from tests.faults.conftest import Wired
from tests.faults.conversation import HEALED_WITHIN, page_at, until
from tests.faults.database_wire import Passing
from tests.faults.house import House
from tests.faults.page import Item

pytestmark = pytest.mark.xdist_group("other house")

STORED = "SELECT text, sequence, id::text FROM messaging_message WHERE room_id = %s ORDER BY sequence"


def before(house: House, passing: Passing) -> None:
    house.kill(house.postgres)


def meanwhile(house: House, passing: Passing) -> None:
    passing.hand_over()
    house.kill(house.postgres)


def behind(house: House, passing: Passing) -> None:
    passing.hand_over()
    passing.wait_for_the_answer()
    house.kill(house.postgres)


async def stored(house: House, room: str) -> list[tuple[str, int, str]]:
    return await asyncio.to_thread(house.ask, STORED, room)


def as_acknowledged(items: list[Item]) -> list[tuple[str, int, str]]:
    assert all(item.answer for item in items)
    return [(item.text, item.answer["sequence"], item.answer["id"]) for item in items if item.answer]


@pytest.mark.parametrize(
    ("moment", "has_socket"),
    [(before, True), (meanwhile, True), (behind, True), (behind, False)],
    ids=["before", "meanwhile", "behind", "behind, by form"],
)
async def test_a_commit_that_postgresql_dies_in_is_one_message(
    house: House, wired: Wired, moment: Callable[[House, Passing], None], has_socket: bool
) -> None:
    wire, web = wired
    room = house.take_room()
    async with page_at(house, web, "ada", room, has_socket=has_socket) as page:
        page.post("first")
        await until(lambda: page.is_empty)
        hit = threading.Event()

        def strike(passing: Passing) -> None:
            moment(house, passing)
            hit.set()

        wire.at_commit = strike
        page.post("at the worst moment")
        page.post("and one behind it")
        await until(hit.is_set)
        await asyncio.to_thread(house.bring_back)
        took = await until(lambda: page.is_empty, HEALED_WITHIN)
        print(f"{moment.__name__}: healed in {took:.1f} s")
        assert await stored(house, room) == as_acknowledged(page.said)
        assert [sequence for _text, sequence, _id in await stored(house, room)] == [1, 2, 3]
    assert "Traceback" not in (log := house.said()), log


async def test_a_process_that_freezes_in_a_transaction_holds_up_nobody_for_long(house: House, wired: Wired) -> None:
    """It has the room locked. PostgreSQL ends its transaction (idle_in_transaction_session_timeout)."""
    wire, web = wired
    room = house.take_room()
    thawed, hit = threading.Event(), threading.Event()

    def freeze(passing: Passing) -> None:
        house.freeze(web)
        hit.set()
        assert thawed.wait(60)
        passing.hand_over()

    async with page_at(house, web, "ada", room) as frozen, page_at(house, house.webs[0], "mo", room) as other:
        wire.at_commit = freeze
        frozen.post("stuck")
        await until(hit.is_set)
        other.post("not stuck")
        took = await until(lambda: other.is_empty, HEALED_WITHIN)
        print(f"the others wrote on after {took:.1f} s")
        assert await stored(house, room) == as_acknowledged(other.said)
        await asyncio.to_thread(house.bring_back)
        thawed.set()
        await until(lambda: frozen.is_empty, HEALED_WITHIN)
        assert await stored(house, room) == as_acknowledged([*other.said, *frozen.said])
        await until(lambda: len(frozen.shown) == len(other.shown) == 2, HEALED_WITHIN)
    assert "Traceback" not in (log := house.said()), log
