"""PostgreSQL hangs, or was started anew: everybody gets an answer soon, and afterwards all is as before."""

import asyncio
import re
import uuid

import pytest

from tests.faults.asking import Answer, ask
from tests.faults.conftest import Wired
from tests.faults.conversation import HEALED_WITHIN, page_at, until
from tests.faults.house import House, Web

pytestmark = pytest.mark.xdist_group("house")

#: More than there are connections (16) and threads.
MANY = 40
#: A place in the pool may take 5 s, an answer 3 (PATIENCE_SECONDS); the rest is a busy machine.
ANSWERED_WITHIN = 30.0


async def ask_for_much(house: House, web: Web, room: str, client_ids: list[str]) -> list[Answer]:
    """Pages, changes and posts, all at once."""
    session, path = house.people["kim"].session, f"/c/{house.slug}/rooms/{room}/"
    asked = []
    for number, client_id in enumerate(client_ids):
        if number % 4 == 0:
            fields = {"client_id": client_id, "text": client_id}
            asked.append(ask(web.port, f"{path}messages/", session, fields, within=ANSWERED_WITHIN))
        elif number % 4 == 1:
            asked.append(ask(web.port, f"{path}changes/?since=0", session, within=ANSWERED_WITHIN))
        else:
            asked.append(ask(web.port, path, session, within=ANSWERED_WITHIN, accept="text/html"))
    answers = await asyncio.gather(*asked)
    assert None not in answers, "somebody was left without an answer"
    return [answer for answer in answers if answer]


async def test_while_postgresql_hangs_everybody_gets_an_answer(house: House, wired: Wired) -> None:
    web, room = wired[1], house.take_room()
    client_ids = [str(uuid.uuid4()) for _ in range(MANY)]
    async with page_at(house, web, "ada", room) as page:
        await asyncio.to_thread(house.freeze, house.postgres)
        item = page.post("into the cold")
        answers = await ask_for_much(house, web, room, client_ids)
        assert {answer.status for answer in answers} == {503}
        assert all(answer.data["reason"] and not answer.data["is_final"] for answer in answers if answer.data)
        assert all(re.search("<h1>Gleich wieder da", answer.text) for answer in answers if not answer.data)
        assert answers[0].headers["retry-after"] == "5"
        await until(lambda: bool(item.reason), ANSWERED_WITHIN)
        assert not item.is_held

        await asyncio.to_thread(house.bring_back)
        answers = await ask_for_much(house, web, room, client_ids)
        assert {answer.status for answer in answers} == {200}
        await until(lambda: page.is_empty, HEALED_WITHIN)
        await until(lambda: len(page.shown) == 1 + MANY // 4, HEALED_WITHIN)
    stored = await asyncio.to_thread(
        house.ask, "SELECT text FROM messaging_message WHERE room_id = %s ORDER BY sequence", room
    )
    assert sorted(row[0] for row in stored) == sorted(["into the cold", *client_ids[::4]])
    assert "Traceback" not in (log := house.said()), log


async def test_a_connection_that_died_in_the_pool_is_given_to_nobody(house: House) -> None:
    web, room = house.webs[0], house.take_room()
    client_ids = [str(uuid.uuid4()) for _ in range(MANY)]
    await ask_for_much(house, web, room, client_ids)  # the pool has grown
    async with page_at(house, web, "ada", room) as page:
        page.post("before")
        await until(lambda: page.is_empty)
        await asyncio.to_thread(house.kill, house.postgres)
        await asyncio.to_thread(house.bring_back)
        page.post("after")
        assert {answer.status for answer in await ask_for_much(house, web, room, client_ids)} == {200}
        await until(lambda: page.is_empty)
        assert not any(item.reason for item in page.said), "nobody was told of it"
