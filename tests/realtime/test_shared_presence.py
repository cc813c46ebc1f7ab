"""What Redis forgot is said again, also where this process slept meanwhile and did not see it happen."""

import uuid

import pytest
from django.conf import settings
from redis.asyncio import Redis

from realtime.shared_presence import Card, SharedPresence

CARD = {"id": "mel", "name": "Mel"}


def people_at(place: str) -> dict[str, Card]:
    return {"mel": dict(CARD)}


@pytest.mark.parametrize("must_renew", [False, True], ids=["between two renewals", "just before a renewal"])
async def test_what_redis_forgot_is_said_again(must_renew: bool) -> None:
    place = uuid.uuid4().hex
    ours, theirs = SharedPresence(uuid.uuid4().hex), SharedPresence(uuid.uuid4().hex)
    await ours.exchange({place}, people_at, [place])
    assert (await theirs.exchange(set(), people_at, []))[place]["mel"] == CARD
    async with Redis.from_url(settings.REDIS_URL) as redis:
        await redis.delete(f"{ours._index}:{ours._origin}")
    assert place not in await theirs.exchange(set(), people_at, [])
    if must_renew:
        ours._renewed_at = 0.0
    for _ in range(2):
        await ours.exchange(set(), people_at, [place])
    assert (await theirs.exchange(set(), people_at, []))[place]["mel"] == CARD
    for one in (ours, theirs):
        await one._hang_up()
