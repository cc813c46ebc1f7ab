"""Who is writing: seen by who is in the room, of who chose it, and by nobody else. It passes, and leaves no trace."""

import asyncio
import contextlib
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from communities.actions import allow_presence, choose_presence, rename_member
from communities.models import Community, Membership, Room
from messaging.models import Message
from realtime.publish import revoke
from tests.realtime.conftest import Page
from tests.realtime.talking import Listener, act, enter, follow, page_at, post, session
from tests.servers import Server

pytestmark = pytest.mark.django_db(transaction=True)


async def chooses(*members: Membership, typing: bool = True) -> None:
    for member in members:
        await act(choose_presence, member=member, shows_presence=False, shows_typing=typing)


async def type_in(page: Page, room: Room) -> None:
    await page.send(type="sign", name=f"typing:{room.pk}")


async def may(page: Listener, *rooms: Room) -> None:
    """Wait until the page hears that it may give these signs."""
    while (await page.hear("signs"))["may"] != [f"typing:{room.pk}" for room in rooms]:
        pass


async def test_others_in_the_room_see_it_and_ones_own_pages_and_other_rooms_do_not(
    server: Server, ada: Membership, mel: Membership, mo: Membership, hall: Room, attic: Room
) -> None:
    await chooses(mel)
    async with (
        page_at(server, await session(mel)) as writer,
        page_at(server, await session(mel)) as own,
        page_at(server, await session(ada)) as reader,
        page_at(server, await session(mo)) as elsewhere,
    ):
        for page in (writer, own, reader):
            await enter(page, hall)
        await enter(elsewhere, attic)
        await follow(elsewhere, "circle")
        await type_in(writer, hall)
        said = await reader.hear("typing")
        assert said == {"type": "typing", "room": str(hall.pk), "author": str(mel.pk), "name": "Mel"}
        for page in (writer, own, elsewhere):
            assert await page.hears_nothing("typing", 0.4)
        assert await Message.objects.acount() == 0


async def test_who_did_not_choose_it_sends_nothing_and_sees_the_others(
    server: Server, ada: Membership, mel: Membership, hall: Room
) -> None:
    await chooses(mel)
    async with page_at(server, await session(ada)) as silent, page_at(server, await session(mel)) as page:
        await enter(silent, hall)
        await enter(page, hall)
        await type_in(silent, hall)
        assert await page.hears_nothing("typing")
        await type_in(page, hall)
        assert await silent.hear("typing")


async def test_refusing_and_switching_off_count_at_once(
    server: Server, circle: Community, ada: Membership, mel: Membership, hall: Room
) -> None:
    await chooses(mel, ada)
    on = {"actor": ada, "community": circle, "allows_presence": True}
    async with page_at(server, await session(mel)) as page, page_at(server, await session(ada)) as reader:
        await enter(page, hall)
        await enter(reader, hall)
        await may(page, hall)
        await may(reader, hall)
        await chooses(mel, typing=False)
        await may(page)
        await type_in(page, hall)
        assert await reader.hears_nothing("typing")
        await chooses(mel)
        await may(page, hall)
        await act(allow_presence, **on, allows_typing=False)
        await may(page)
        await may(reader)
        await type_in(page, hall)
        assert await reader.hears_nothing("typing")
        await act(allow_presence, **on, allows_typing=True)
        await may(page, hall)
        await may(reader, hall)
        await type_in(page, hall)
        assert await reader.hear("typing")


async def test_who_is_silenced_gives_no_sign(server: Server, ada: Membership, mel: Membership, hall: Room) -> None:
    await chooses(mel)
    async with page_at(server, await session(mel)) as page, page_at(server, await session(ada)) as reader:
        await enter(page, hall)
        await enter(reader, hall)
        await may(page, hall)
        await Membership.objects.filter(pk=mel.pk).aupdate(muted_until=timezone.now() + timedelta(days=1))
        await act(revoke, mel.user_id)
        await may(page)
        await type_in(page, hall)
        assert await reader.hears_nothing("typing")


async def test_guests_and_members_see_one_another_writing_where_both_are(
    server: Server, ada: Membership, gus: Membership, hall: Room, porch: Room
) -> None:
    await chooses(ada, gus)
    async with page_at(server, await session(ada)) as page, page_at(server, await session(gus)) as guest:
        await enter(page, hall)
        await enter(page, porch)
        await enter(guest, porch)
        await guest.send(type="subscribe", stream="room", room=str(hall.pk))
        assert await guest.hear("refused")
        await type_in(page, hall)
        await type_in(guest, hall)
        assert await guest.hears_nothing("typing")
        await type_in(page, porch)
        assert (await guest.hear("typing"))["room"] == str(porch.pk)
        await type_in(guest, porch)
        assert (await page.hear("typing"))["name"] == "Gus"


async def test_a_new_name_stands_in_the_next_sign(server: Server, ada: Membership, mel: Membership, hall: Room) -> None:
    await chooses(mel)
    async with page_at(server, await session(mel)) as page, page_at(server, await session(ada)) as reader:
        await enter(page, hall)
        await enter(reader, hall)
        await act(rename_member, member=mel, display_name="Melanie", introduction="")
        name = ""
        async with asyncio.timeout(30):
            while name != "Melanie":
                await asyncio.sleep(0.5)
                await type_in(page, hall)
                with contextlib.suppress(TimeoutError):  # too many at once are dropped
                    name = (await reader.hear("typing", 2.5))["name"]


async def test_a_flood_of_signs_is_dropped_and_words_get_through(
    server: Server, ada: Membership, mel: Membership, hall: Room
) -> None:
    await chooses(mel)
    async with page_at(server, await session(mel)) as page, page_at(server, await session(ada)) as reader:
        await enter(page, hall)
        await enter(reader, hall)
        for _ in range(60):
            await type_in(page, hall)
        said = await post(page, hall, "after all")
        seen: list[dict[str, Any]] = []
        async with asyncio.timeout(20):
            while not seen or seen[-1]["type"] != "message":
                seen.append(await reader.next())
        assert seen[-1]["id"] == said["id"]
        assert [frame["type"] for frame in seen[:-1]] == ["typing"] * 3
