"""The socket against a real server: who hears what, and when it ends."""

import uuid
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from websockets.exceptions import InvalidStatus

from accounts.models import Session
from communities.models import Membership, Room
from messaging.models import Message, ReadMark
from tests.realtime.conftest import Open, session_of
from tests.realtime.talking import follow, written
from tests.servers import Server

pytestmark = pytest.mark.django_db(transaction=True)


async def enter(page: Any, room: Room) -> dict[str, Any]:
    await page.send(type="subscribe", stream="room", room=str(room.pk))
    return await page.hear("subscribed")  # type: ignore[no-any-return]


async def session(member: Membership) -> str:
    return await sync_to_async(session_of)(member)


async def test_what_one_posts_the_other_sees_and_the_sender_is_told(
    open_page: Open, ada: Membership, mel: Membership, hall: Room
) -> None:
    async with open_page(await session(ada)) as one, open_page(await session(mel)) as other:
        await enter(one, hall)
        await enter(other, hall)
        client_id = str(uuid.uuid4())
        await one.send(type="post", room=str(hall.pk), client_id=client_id, text="Hello **you**")
        posted = await one.hear("posted")
        heard = await other.hear("message")
        assert (posted["client_id"], posted["sequence"]) == (client_id, 1)
        assert (heard["id"], heard["change"]) == (posted["id"], 1)
        assert heard["author"] == str(ada.pk)
        assert "<strong>you</strong>" in heard["html"]
        assert "data-mine" not in heard["html"]


async def test_a_retry_over_the_socket_is_one_message(open_page: Open, mel: Membership, hall: Room) -> None:
    async with open_page(await session(mel)) as page:
        frame = {"type": "post", "room": str(hall.pk), "client_id": str(uuid.uuid4()), "text": "once"}
        await page.send(**frame)
        await page.send(**frame)
        first, again = await page.hear("posted"), await page.hear("posted")
        assert first == again
        assert await Message.objects.acount() == 1


async def test_people_outside_the_room_hear_only_that_there_is_news(
    open_page: Open, ada: Membership, mo: Membership, mel: Membership, circle: Any, attic: Room
) -> None:
    async with open_page(await session(mo)) as chosen, open_page(await session(mel)) as other:
        for page in (chosen, other):
            await page.send(type="subscribe", stream="community", community=circle.slug)
            await page.hear("subscribed")
        async with open_page(await session(ada)) as writer:
            await writer.send(type="post", room=str(attic.pk), client_id=str(uuid.uuid4()), text="up here")
            await writer.hear("posted")
        news = await chosen.hear("news")
        assert news == {"type": "news", "room": str(attic.pk), "author": str(ada.pk)}
        assert await other.hears_nothing("news")


async def test_a_room_one_may_not_enter_is_as_one_that_does_not_exist(
    open_page: Open, mel: Membership, olga: Any, attic: Room
) -> None:
    async with open_page(await session(mel)) as page:
        answers = []
        for room in (str(attic.pk), str(uuid.uuid4())):
            await page.send(type="subscribe", stream="room", room=room)
            answers.append(await page.hear("refused"))
            await page.send(type="post", room=room, client_id="x" * 36, text="hi")
            answers.append(await page.hear("refused"))
        assert answers[:2] == answers[2:]
    assert not await Message.objects.aexists()


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        "no json",
        "[]",
        "7",
        '"x"',
        "{}",
        '{"type": 7}',
        '{"type": "__init__"}',
        '{"type":"post","room":7}',
        "[" * 5000,
    ],
)
async def test_garbage_is_answered_with_words_and_the_socket_lives(
    open_page: Open, mel: Membership, garbage: str
) -> None:
    async with open_page(await session(mel)) as page:
        await page.socket.send(garbage)
        assert (await page.hear("refused"))["reason"]
        await page.socket.send(b"\x00\xff")
        assert (await page.hear("refused"))["reason"]
        await page.send(type="ping")
        assert await page.hear("pong")


async def test_nobody_without_a_session_gets_a_socket(open_page: Open) -> None:
    async with open_page("") as page:
        assert await page.closed() == 4401


async def test_a_foreign_origin_is_refused(open_page: Open, mel: Membership) -> None:
    with pytest.raises(InvalidStatus):
        async with open_page(await session(mel), origin="https://evil.example"):
            pass


async def test_an_unknown_path_is_refused(open_page: Open, mel: Membership) -> None:
    with pytest.raises(InvalidStatus):
        async with open_page(await session(mel), path="/live/other/"):
            pass


async def test_signing_out_cuts_the_socket(open_page: Open, server: Server, mel: Membership, hall: Room) -> None:
    key = await session(mel)
    async with open_page(key) as page:
        await enter(page, hall)
        await sync_to_async(_sign_out)(key)
        assert await page.closed() == 4401


def _sign_out(key: str) -> None:
    from django.conf import settings

    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    assert client.post("/accounts/logout/").status_code == 302
    assert not Session.objects.filter(pk=key).exists()


async def test_a_ban_and_a_removal_cut_the_socket(
    open_page: Open, ada: Membership, mo: Membership, mel: Membership, bea: Membership, hall: Room
) -> None:
    from communities.actions import ban_member, remove_member

    async with open_page(await session(mel)) as banned, open_page(await session(bea)) as removed:
        await enter(banned, hall)
        await enter(removed, hall)
        await sync_to_async(ban_member)(actor=mo, member=mel)
        await sync_to_async(remove_member)(actor=ada, member=bea)
        assert await banned.closed() == 4403
        assert await removed.closed() == 4403


async def test_reading_a_part_leaves_the_dot_on_other_pages(
    open_page: Open, circle: Any, ada: Membership, mel: Membership, hall: Room
) -> None:
    for _ in range(2):
        await written(ada, hall, "news")
    async with open_page(await session(mel)) as one, open_page(await session(mel)) as other:
        await follow(other, circle.slug)
        await one.send(type="read", room=str(hall.pk), sequence=1)
        assert await other.hears_nothing("read")
        await one.send(type="read", room=str(hall.pk), sequence=2)
        assert (await other.hear("read"))["room"] == str(hall.pk)


async def test_all_is_read_where_only_ones_own_words_come_later(
    open_page: Open, circle: Any, ada: Membership, mel: Membership, hall: Room
) -> None:
    await written(ada, hall, "news")
    await written(mel, hall, "an answer, from another device")
    await sync_to_async(ReadMark.objects.all().delete)()
    async with open_page(await session(mel)) as one, open_page(await session(mel)) as other:
        await follow(other, circle.slug)
        await one.send(type="read", room=str(hall.pk), sequence=1)
        assert (await other.hear("read"))["room"] == str(hall.pk)
