"""Redis dies, hangs or is cut off: words go on being stored and read, nobody waits, and afterwards all is as before."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from communities.models import Membership, Room
from messaging.models import Message
from tests.faults.conftest import Hasty, Pair, Redis
from tests.realtime.talking import Browser, enter, follow, heard_from, page_at, post, session, silence

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("pair")]

#: Who waited for Redis would wait for a minute (patient_asgi); the rest is a busy machine.
AT_ONCE_SECONDS = 15


async def at_once(work: Any) -> Any:
    return await asyncio.wait_for(work, AT_ONCE_SECONDS)


@pytest.mark.parametrize("fail", [Redis.kill, Redis.freeze], ids=["killed", "frozen"])
async def test_while_redis_is_away_nobody_waits_and_nothing_is_lost(
    pair: Pair, fail: Callable[[Redis], None], ada: Membership, mel: Membership, mo: Membership, hall: Room
) -> None:
    mel_key, mo_key = await session(mel), await session(mo)
    async with (
        page_at(pair.one, await session(ada)) as writer,
        page_at(pair.one, mel_key) as near,
        page_at(pair.other, mo_key) as far,
    ):
        await enter(near, hall)
        known = (await enter(far, hall))["change"]
        await heard_from(writer, far, hall)
        known = max(known, await Message.objects.acount())
        await silence(near)
        await asyncio.to_thread(fail, pair.redis)
        try:
            for number in range(3):
                said = await at_once(post(writer, hall, f"into the dark {number}"))
                assert (await at_once(near.hear("message")))["id"] == said["id"]
            by_form = await at_once(Browser(pair.one, mel_key).write(hall, "by form"))
            assert (by_form.status, (await at_once(near.hear("message")))["id"]) == (200, by_form.data["id"])
            for server in (pair.one, pair.other):
                assert (await at_once(Browser(server, mo_key).get(hall.get_absolute_url()))).status == 200
            async with page_at(pair.one, mel_key) as newcomer:
                assert (await at_once(enter(newcomer, hall)))["change"] == known + 4
                await at_once(follow(newcomer, hall.community.slug))

            assert await far.hears_nothing("message", 0.2)
            missed = await Browser(pair.other, mo_key).changes(hall, known)
            assert missed["up_to"] == known + 4
            assert [item["sequence"] for item in missed["items"]] == [known + 1, known + 2, known + 3, known + 4]
            assert not missed["is_gap"]
        finally:
            await asyncio.to_thread(pair.redis.come_back)

        await heard_from(writer, far, hall)
        async with page_at(pair.other, mo_key) as back:
            await silence(near)
            await heard_from(back, near, hall)
    assert "Traceback" not in pair.said()


async def test_a_connection_to_redis_that_died_without_a_word_is_noticed(
    pair: Pair, hasty: Hasty, ada: Membership, mel: Membership, hall: Room
) -> None:
    async with page_at(pair.one, await session(ada)) as writer, page_at(hasty.server, await session(mel)) as reader:
        await enter(reader, hall)
        await heard_from(writer, reader, hall)
        await silence(reader)
        hasty.wire.cut()
        await post(writer, hall, "unheard")
        assert await reader.hears_nothing("message", 0.5)
        await heard_from(writer, reader, hall)


async def test_while_redis_hangs_other_processes_find_out_by_themselves(
    pair: Pair, ada: Membership, mel: Membership, mo: Membership, hall: Room
) -> None:
    """What is said there, and that somebody may no longer listen: within 10 s, and here on a busy machine."""
    async with (
        page_at(pair.one, await session(ada)) as writer,
        page_at(pair.other, await session(mel)) as far,
        page_at(pair.other, await session(mo)) as banned,
    ):
        await enter(far, hall)
        await enter(banned, hall)
        await heard_from(writer, far, hall)
        await asyncio.to_thread(pair.redis.freeze)
        try:
            await Membership.objects.filter(pk=mo.pk).aupdate(banned_at=timezone.now())
            await post(writer, hall, "into the dark")
            known = await Message.objects.acount()
            assert await banned.closed(within=20) == 4403
            async with asyncio.timeout(40):
                while (await far.hear("progress", 40))["change"] < known:
                    pass
        finally:
            await asyncio.to_thread(pair.redis.come_back)
    assert "Traceback" not in pair.said()
