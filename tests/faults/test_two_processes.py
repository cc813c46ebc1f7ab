"""Two web processes over the bus: everyone hears everything once, and what ends in one ends in the other."""

import asyncio
import uuid

import pytest
from django.urls import reverse

from accounts.letters.addresses import UNDO
from accounts.models import AddressChange
from accounts.sessions import session_mark
from accounts.tickets import ticket
from communities.models import Membership, Room
from messaging.models import Message
from tests.faults.conftest import Pair
from tests.realtime.conftest import Page
from tests.realtime.talking import Browser, act, enter, follow, heard_from, page_at, post, session, silence

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("pair")]


async def test_both_readers_hear_the_same_messages_once_each(
    pair: Pair, ada: Membership, mel: Membership, mo: Membership, hall: Room
) -> None:
    async with (
        page_at(pair.one, await session(ada)) as ada_page,
        page_at(pair.other, await session(mo)) as mo_page,
        page_at(pair.one, await session(mel)) as reader,
        page_at(pair.other, await session(mel)) as other_reader,
    ):
        await enter(reader, hall)
        await enter(other_reader, hall)
        await heard_from(reader, other_reader, hall)
        await heard_from(other_reader, reader, hall)
        await silence(reader)
        await silence(other_reader)
        known = await Message.objects.acount()

        async def talk(page: Page, name: str) -> list[str]:
            return [(await post(page, hall, f"{name} {number}"))["id"] for number in range(10)]

        said = await asyncio.gather(talk(ada_page, "ada"), talk(mo_page, "mo"))
        heard = []
        for page in (reader, other_reader):
            frames = [await page.hear("message") for _ in range(20)]
            assert await page.hears_nothing("message", 0.5), "an echo, or a message twice"
            ids = [frame["id"] for frame in frames]
            for of_one in said:  # what one person says arrives in the order in which it was said
                assert [one for one in ids if one in of_one] == of_one
            heard.append(sorted((frame["sequence"], frame["change"], frame["id"]) for frame in frames))
        assert heard[0] == heard[1]
        assert [sequence for sequence, _change, _id in heard[0]] == list(range(known + 1, known + 21))


async def test_signing_out_at_one_process_cuts_this_sessions_sockets_at_the_other(
    pair: Pair, mel: Membership, hall: Room
) -> None:
    here, elsewhere = await session(mel), await session(mel)
    async with page_at(pair.other, here) as page, page_at(pair.other, elsewhere) as other_session:
        await enter(page, hall)
        await enter(other_session, hall)
        async with page_at(pair.one, here) as writer:
            await heard_from(writer, other_session, hall)
        assert (await Browser(pair.one, here).post(reverse("account_logout"))).status == 302
        assert await page.closed() == 4401
        await other_session.send(type="ping")
        assert await other_session.hear("pong")


async def test_reading_in_one_process_is_told_to_ones_page_in_the_other(
    pair: Pair, ada: Membership, mel: Membership, hall: Room
) -> None:
    key = await session(mel)
    async with page_at(pair.one, key) as page, page_at(pair.other, key) as other_page:
        await enter(page, hall)
        await follow(other_page, hall.community.slug)
        async with page_at(pair.other, await session(ada)) as writer:
            said = await heard_from(writer, page, hall)
        await page.send(type="read", room=str(hall.pk), sequence=said["sequence"])
        assert (await other_page.hear("read"))["room"] == str(hall.pk)


async def test_the_same_id_at_both_processes_at_once_is_one_message(pair: Pair, mel: Membership, hall: Room) -> None:
    key, client_id = await session(mel), str(uuid.uuid4())
    async with page_at(pair.one, key) as page, page_at(pair.other, key) as other_page:
        first, again, by_form = await asyncio.gather(
            post(page, hall, "once", client_id),
            post(other_page, hall, "once", client_id),
            Browser(pair.other, key).write(hall, "once", client_id),
        )
    assert first == again
    assert by_form.data == {name: first[name] for name in ("id", "sequence", "change")}
    assert await Message.objects.acount() == 1
    assert await act(lambda: hall.log.sequence) == 1


async def test_a_device_signed_out_at_one_process_is_cut_at_the_other(pair: Pair, mel: Membership, hall: Room) -> None:
    """One, then all others."""
    here, there, third = [await session(mel) for _ in range(3)]
    async with page_at(pair.other, there) as page, page_at(pair.other, third) as other_page:
        await enter(page, hall)
        await enter(other_page, hall)
        browser = Browser(pair.one, here)
        assert (await browser.post(reverse("end_device", args=[session_mark(there)]))).status == 302
        assert await page.closed() == 4401
        await other_page.send(type="ping")
        assert await other_page.hear("pong")
        assert (await browser.post(reverse("end_other_devices"))).status == 302
        assert await other_page.closed() == 4401


async def test_a_changed_address_taken_back_at_one_process_cuts_all_sockets_at_both(
    pair: Pair, mel: Membership, hall: Room
) -> None:
    assert mel.user is not None
    keys = [await session(mel) for _ in range(2)]
    change = await AddressChange.objects.acreate(user=mel.user, old_email="before@x.org", new_email="after@x.org")
    async with page_at(pair.one, keys[0]) as page, page_at(pair.other, keys[1]) as other_page:
        for opened in (page, other_page):
            await enter(opened, hall)
        path = reverse("undo_address_change", args=[ticket(UNDO, change.pk.hex)])
        assert (await Browser(pair.one, "").post(path)).status == 302
        for opened in (page, other_page):
            assert await opened.closed() == 4401
