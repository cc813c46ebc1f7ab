"""The safety net: whatever ends a right in the database, nobody telling, is found by looking at versions of rows."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Session, User
from communities.models import Membership, Role, Room, RoomMember
from communities.streams import memberships
from realtime.consumers import NOT_ALLOWED, SIGNED_OUT, PageSocket
from realtime.hub import start_hub
from realtime.sessions import Person
from realtime.sweep import Who, _versions
from tests.realtime.held import held
from tests.realtime.talking import act, session

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_bus")]


def member(**values: object) -> Callable[[], object]:
    return lambda: Membership.objects.filter(display_name="Mel").update(**values)


ENDINGS: dict[str, tuple[Callable[[], object], int]] = {
    "signed out elsewhere": (lambda: Session.objects.all().delete(), SIGNED_OUT),
    "session ran out": (lambda: Session.objects.update(expire_date=timezone.now() - timedelta(1)), SIGNED_OUT),
    "new password": (lambda: User.objects.update(password="!another"), SIGNED_OUT),
    "account closed": (lambda: User.objects.update(is_active=False), SIGNED_OUT),
    "banned": (member(banned_at=timezone.now()), NOT_ALLOWED),
    "left": (member(left_at=timezone.now()), NOT_ALLOWED),
    "suspended": (member(suspended_until=timezone.now() + timedelta(1)), NOT_ALLOWED),
    "not chosen any more": (lambda: RoomMember.objects.all().delete(), NOT_ALLOWED),
    "room gone": (lambda: Room.objects.filter(name="Attic").delete(), NOT_ALLOWED),
    "a guest now": (
        lambda: (
            RoomMember.objects.all().delete(),
            Room.objects.update(access="all"),
            Membership.objects.update(role=Role.objects.get(code="guest")),
        ),
        NOT_ALLOWED,
    ),
}


@pytest.mark.parametrize("ending", ENDINGS)
async def test_what_ended_without_a_word_is_found(ending: str, mel: Membership, attic: Room) -> None:
    end, code = ENDINGS[ending]
    await RoomMember.objects.acreate(room=attic, membership=mel)
    async with held(mel) as page:
        await page.enter(attic)
        await page.hear("subscribed")
        await act(end)
        await start_hub().sweep.sweep()
        assert (await page.hear("websocket.close"))["code"] == code


async def test_the_end_of_a_suspension_is_seen_though_no_row_is_written(mel: Membership) -> None:
    who = {("key", str(mel.user_id))}
    await Membership.objects.filter(pk=mel.pk).aupdate(suspended_until=timezone.now() + timedelta(seconds=1))
    during = await act(memberships, [str(mel.user_id)])
    await asyncio.sleep(1.1)
    assert await act(memberships, [str(mel.user_id)]) != during
    assert await act(_versions, who) == {}


async def test_who_is_unchanged_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, mel: Membership, bea: Membership, hall: Room
) -> None:
    asked: list[str] = []
    ask_again = PageSocket.ask_again

    async def counted(socket: PageSocket, ended_session: str = "") -> None:
        asked.append(socket.user_id)
        await ask_again(socket, ended_session)

    monkeypatch.setattr(PageSocket, "ask_again", counted)
    async with held(mel) as page, held(bea) as other:
        for one in (page, other):
            await one.enter(hall)
            await one.hear("subscribed")
        sweep = start_hub().sweep
        await sweep.sweep()
        assert asked == [], "not even where it has just opened"
        await Membership.objects.filter(pk=bea.pk).aupdate(profile_version=2)
        await sweep.sweep()
        await sweep.sweep()
        assert asked == [str(bea.user_id)]


async def test_what_ends_while_a_page_opens_is_found(monkeypatch: pytest.MonkeyPatch, mel: Membership) -> None:
    """Between the first question who it is and the reading of versions: the session ends, nobody telling."""

    def read_late(asked: Collection[Who]) -> Mapping[Who, str]:
        User.objects.update(is_active=False)
        return _versions(asked)

    monkeypatch.setattr("realtime.sweep._versions", read_late)
    async with held(mel) as page:
        assert (await page.hear("websocket.close"))["code"] == SIGNED_OUT


async def test_the_next_page_of_a_session_takes_what_was_read_last(
    monkeypatch: pytest.MonkeyPatch, mel: Membership, hall: Room
) -> None:
    asked = []

    def versions(sessions: Collection[Who]) -> Mapping[Who, str]:
        asked.append(sessions)
        return _versions(sessions)

    monkeypatch.setattr("realtime.sweep._versions", versions)
    key = await session(mel)
    async with held(mel, key) as page:
        assert len(asked) == 1
        await start_hub().sweep.sweep()
        async with held(mel, key) as next_page:
            assert len(asked) == 2
            assert next_page.socket.versions == page.socket.versions


async def test_what_was_read_after_a_page_asked_says_nothing_about_its_answer(
    monkeypatch: pytest.MonkeyPatch, mel: Membership
) -> None:
    """The session ends, nobody telling, after the page was told who it is; a sweep then reads what is new."""
    key, ask_person = await session(mel), PageSocket._ask_person
    asked = []

    async def answered_late(socket: PageSocket) -> Person | None:
        person = await ask_person(socket)
        asked.append(person)
        if len(asked) == 1:
            await User.objects.aupdate(is_active=False)
            await start_hub().sweep.read([(key, str(mel.user_id))])
        return person

    monkeypatch.setattr(PageSocket, "_ask_person", answered_late)
    async with held(mel, key) as page:
        assert (await page.hear("websocket.close"))["code"] == SIGNED_OUT


async def test_whoever_is_not_heard_any_more_may_have_told_of_something_that_nobody_heard(
    monkeypatch: pytest.MonkeyPatch, mel: Membership, hall: Room
) -> None:
    """Another process that was cut off from Redis: our own heartbeats come, its news do not."""
    monkeypatch.setattr("realtime.sweep.ASK_AGAIN_SECONDS_WITHOUT_BUS", 0.1)
    monkeypatch.setattr("realtime.bus.HEARTBEAT_SECONDS", 0.2)
    monkeypatch.setattr("realtime.bus.SILENT_AFTER_SECONDS", 2)
    async with held(mel) as page:
        await page.enter(hall)
        await page.hear("subscribed")
        bus = start_hub().bus
        bus._take({"type": "news", "origin": "another", "number": 1, "items": "[]"})
        assert not bus.may_lack_something
        await User.objects.aupdate(is_active=False)
        assert (await page.hear("websocket.close"))["code"] == SIGNED_OUT
        assert not bus.is_silent


async def test_a_sweep_takes_as_many_queries_for_many_as_for_one(
    mel: Membership, bea: Membership, mo: Membership
) -> None:
    def queries(*people: Membership) -> int:
        with CaptureQueriesContext(connection) as found:
            _versions({(f"key of {one}", str(one.user_id)) for one in people})
        return len(found)

    assert await act(partial(queries, mel)) == await act(partial(queries, mel, bea, mo)) == 2
