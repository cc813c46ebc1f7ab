"""Rights that end while nobody can be told: a socket asks by itself, and is cut."""

import asyncio

import pytest
from django.utils import timezone

from accounts.models import Session, User
from communities.models import Membership, Room
from realtime.consumers import NOT_ALLOWED, SIGNED_OUT
from tests import factories
from tests.faults.conftest import Hasty, Pair
from tests.realtime.talking import act, enter, page_at, post, session

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("pair")]


async def test_with_the_bus_down_every_ended_right_is_noticed_all_the_same(
    pair: Pair, hasty: Hasty, ada: Membership, mo: Membership, mel: Membership, bea: Membership, hall: Room
) -> None:
    """Nobody can tell this process: it asks by itself, every second here and every three otherwise."""
    gone = await act(factories.member, hall.community, "Gone")
    keys = {member: await session(member) for member in (mo, mel, bea, gone)}
    async with (
        page_at(hasty.server, keys[mo]) as stays,
        page_at(hasty.server, keys[mel]) as banned,
        page_at(hasty.server, keys[bea]) as signed_out,
        page_at(hasty.server, keys[gone]) as closed,
    ):
        for page in (stays, banned, signed_out, closed):
            await enter(page, hall)
        await asyncio.to_thread(pair.redis.freeze)
        try:
            await Membership.objects.filter(pk=mel.pk).aupdate(banned_at=timezone.now())
            await Session.objects.filter(pk=keys[bea]).adelete()
            await User.objects.filter(pk=gone.user_id).aupdate(is_active=False)
            assert await banned.closed(within=20) == NOT_ALLOWED
            assert await signed_out.closed(within=20) == SIGNED_OUT
            assert await closed.closed(within=20) == SIGNED_OUT
            await post(stays, hall, "still here", within=20)
        finally:
            await asyncio.to_thread(pair.redis.come_back)
