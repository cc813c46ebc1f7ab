"""What was stored and never told is found out: once, by those who listen, at the price of one statement."""

import uuid
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from communities.models import Membership, Room
from messaging.actions import Draft, post_messages
from messaging.live import room_stream
from messaging.models import Message
from realtime.hub import start_hub
from realtime.progress import Progress, _how_far
from tests import factories
from tests.realtime.held import Held, held
from tests.realtime.talking import act

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_bus")]


def said(author: Membership, room: Room) -> None:
    assert isinstance(post_messages([Draft(author, room, uuid.uuid4(), "words")])[0], Message)


async def progress_said(page: Held) -> list[int]:
    """Up to where, since the last question. What a page asks for is answered behind all that was said before."""
    client_id, heard = str(uuid.uuid4()), []
    await page.send(type="unknown", client_id=client_id)
    while (frame := await page.next()).get("client_id") != client_id:
        if frame["type"] == "progress":
            heard.append(int(frame["change"]))
    return heard


async def test_who_was_not_told_hears_it_after_two_turns(
    ada: Membership, mel: Membership, bea: Membership, hall: Room, porch: Room
) -> None:
    async with held(mel) as page, held(bea) as elsewhere:
        await page.enter(hall)
        await page.hear("subscribed")
        await elsewhere.enter(porch)
        await elsewhere.hear("subscribed")
        progress = Progress(start_hub())
        await progress.turn()
        # As a process stores that dies before it tells anybody.
        await act(factories.written_before, ada, hall, 3)
        await progress.turn()
        assert await progress_said(page) == [0], "what is new may just be on its way"
        await progress.turn()
        assert await progress_said(page) == [3]
        await progress.turn()
        assert await progress_said(page) == [], "once is enough"
        assert await progress_said(elsewhere) == [0]


async def test_the_dots_of_others_catch_up_once_where_nobody_told_of_them(
    ada: Membership, mel: Membership, hall: Room, porch: Room
) -> None:
    async with held(mel) as page:
        await page.send(type="subscribe", stream="community", community="circle")
        assert (await page.hear("subscribed"))["unread"] == []
        progress = Progress(start_hub())
        await progress.turn()
        await act(factories.written_before, ada, porch, 1)
        await act(said, ada, hall)
        assert (await page.hear("news"))["room"] == str(hall.pk)
        await progress.turn()
        await progress.turn()
        assert (await page.hear("subscribed"))["unread"] == [str(hall.pk), str(porch.pk)]
        await act(said, ada, hall)
        await page.hear("news")
        progress._told_again_at = 0
        for _ in range(3):
            await progress.turn()
        assert page.said.empty(), "of what was told nothing is told again"


async def test_it_takes_one_query_for_many_rooms(hall: Room, porch: Room) -> None:
    def queries(*rooms: Room) -> int:
        with CaptureQueriesContext(connection) as found:
            _how_far({f"news:{room.pk}" for room in rooms} | {room_stream(room.pk) for room in rooms})
        return len(found)

    assert await act(partial(queries, hall)) == await act(partial(queries, hall, porch)) == 1
    assert await act(queries) == 0
