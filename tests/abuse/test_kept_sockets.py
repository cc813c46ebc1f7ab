"""A socket that is kept after its right has ended: cut or asked at once; what is said meanwhile it does not hear."""

import asyncio
import threading
import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.actions import end_session
from accounts.models import Session, User
from communities.actions import choose_room_member, unchoose_room_member
from communities.models import Membership, Room
from core import streams
from realtime import consumers
from realtime.hub import start_hub
from realtime.publish import revoke
from tests.abuse.raw import Raw, raw_page
from tests.realtime.held import held
from tests.realtime.talking import act, session, written
from tests.realtime.test_subscribing import between
from tests.servers import Server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("abuse")]

SIGNED_OUT, NOT_ALLOWED = consumers.SIGNED_OUT, consumers.NOT_ALLOWED


async def test_a_device_that_is_signed_out_from_another_is_cut_at_once_and_the_other_stays(
    watched: Server, ada: Membership, mel: Membership, hall: Room
) -> None:
    here, there = await session(mel), await session(mel)
    async with raw_page(watched, here) as page, raw_page(watched, there) as far, raw_page(watched, there) as tab:
        for one in (page, far, tab):
            await one.enter(hall)
        assert not await act(end_session, user=ada.user, session_key=there), "it is not hers to end"
        assert await far.lives()
        assert await act(end_session, user=mel.user, session_key=there)
        assert set(await asyncio.gather(far.ended(), tab.ended())) == {SIGNED_OUT}
        assert await page.lives()
        assert not await Session.objects.filter(pk=there).aexists()
        assert not await act(end_session, user=mel.user, session_key=there)
    async with raw_page(watched, there) as again:
        assert await again.ended() == SIGNED_OUT


async def test_an_account_that_is_closed_is_cut_at_once(watched: Server, mel: Membership, hall: Room) -> None:
    async with raw_page(watched, await session(mel)) as page:
        await page.enter(hall)
        await User.objects.filter(pk=mel.user_id).aupdate(is_active=False)
        await act(revoke, mel.user_id)
        assert await page.ended() == SIGNED_OUT


End = Callable[[Membership, Room], Awaitable[object]]


async def lose_the_choice(member: Membership, room: Room) -> None:
    assert await act(unchoose_room_member, room=room, membership=member)


async def lose_an_open_room(member: Membership, room: Room) -> None:
    await Room.objects.filter(pk=room.pk).aupdate(access=Room.Access.CHOSEN)
    await act(revoke, member.user_id)


async def become_a_guest(member: Membership, room: Room) -> None:
    guest = await act(lambda: member.community.roles.get(code="guest"))
    await Membership.objects.filter(pk=member.pk).aupdate(role=guest)
    await act(revoke, member.user_id)


@pytest.mark.parametrize("end", [lose_the_choice, lose_an_open_room, become_a_guest], ids=["choice", "access", "guest"])
async def test_who_may_no_longer_enter_a_room_is_cut_from_it_and_from_nothing_else(
    watched: Server, mel: Membership, mo: Membership, hall: Room, attic: Room, porch: Room, end: End
) -> None:
    room = attic if end is lose_the_choice else hall
    await act(choose_room_member, room=attic, membership=mel)
    await act(choose_room_member, room=porch, membership=mel)
    await act(choose_room_member, room=hall, membership=mo)
    key = await session(mel)
    async with raw_page(watched, key) as inside, raw_page(watched, key) as elsewhere, raw_page(watched, key) as frame:
        await inside.enter(room)
        await elsewhere.enter(porch)
        await frame.say(type="subscribe", stream="community", community=hall.community.slug)
        await frame.hear("subscribed")
        await end(mel, room)
        assert await inside.ended() == NOT_ALLOWED
        await written(mo, room, "without mel")
        await written(mo, porch, "with mel")
        assert (await frame.hear("news"))["room"] == str(porch.pk), "news of a room that is closed came first"
        assert await elsewhere.hear("message")
    async with raw_page(watched, key) as again:
        await again.say(type="subscribe", stream="room", room=str(room.pk))
        assert await again.hear("refused")


async def test_rights_that_change_while_connected_count_with_the_next_word(
    watched: Server, ada: Membership, mel: Membership, hall: Room
) -> None:
    """Silenced in the middle of writing, and allowed again: without a new page, and hearing all the time."""
    async with raw_page(watched, await session(mel)) as page:
        await page.enter(hall)
        for field in ("muted_until", "read_only_until"):
            await say(page, hall, "posted")
            await page.hear("message")
            await change(mel, **{field: timezone.now() + timedelta(days=1)})
            await say(page, hall, "refused")
            await written(ada, hall, "you still hear me")
            assert "still hear" in (await page.hear("message"))["html"]
            await change(mel, **{field: None})
        await say(page, hall, "posted")
        guest = await act(lambda: hall.community.roles.get(code="guest"))
        await act(choose_room_member, room=hall, membership=mel)
        await change(mel, role=guest)
        assert await page.lives()


async def change(member: Membership, **values: Any) -> None:
    await Membership.objects.filter(pk=member.pk).aupdate(**values)
    await act(revoke, member.user_id)


async def say(page: Raw, room: Room, answer: str) -> None:
    await page.say(type="post", room=str(room.pk), client_id=str(uuid.uuid4()), text="hello")
    assert (await page.hear(answer))["client_id"]


@pytest.mark.parametrize("may_stay", [False, True])
async def test_what_is_said_while_rights_are_asked_is_heard_only_by_whom_the_answer_lets_stay(
    monkeypatch: pytest.MonkeyPatch, ada: Membership, mel: Membership, hall: Room, may_stay: bool
) -> None:
    """The answer takes a while; whoever was banned must not hear on until it comes."""
    asking, answer = threading.Event(), threading.Event()
    async with held(mel) as page:
        await page.enter(hall)
        await page.hear("subscribed")

        def slowly(yes: streams.Subscription | None) -> streams.Subscription | None:
            asking.set()
            answer.wait(10)
            return yes if may_stay else None

        between(monkeypatch, slowly)
        await act(revoke, mel.user_id)
        await asyncio.to_thread(asking.wait, 10)
        said = await written(ada, hall, "not for the banned")
        await delivered()
        assert page.said.empty()
        answer.set()
        if may_stay:
            assert (await page.hear("message"))["id"] == str(said.pk)
        else:
            event = await asyncio.wait_for(page.said.get(), 10)
            assert (event["type"], event["code"]) == ("websocket.close", NOT_ALLOWED)
            await delivered()
            assert page.said.empty()


async def until(is_so: Callable[[], bool]) -> None:
    for _ in range(1000):
        if is_so():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never was")


async def delivered() -> None:
    """Until the hub has told everything that it was told."""
    hub = start_hub()
    for _ in range(20):
        await asyncio.to_thread(hub._clerk.submit(lambda: None).result, 10)
        await asyncio.sleep(0.02)
    assert hub._inbox.empty()


async def test_two_questions_at_once_are_waited_for_both(
    monkeypatch: pytest.MonkeyPatch, ada: Membership, mel: Membership, hall: Room
) -> None:
    """The first answer is yes; the second, of what happened since, is not known yet."""
    first, second = threading.Event(), threading.Event()
    asked: list[threading.Event] = []
    async with held(mel) as page:
        await page.enter(hall)
        await page.hear("subscribed")

        def in_turn(yes: streams.Subscription | None) -> streams.Subscription | None:
            # The sweep may ask once more where all this takes long; it learns no more than the second question.
            mine = first if not asked else second
            asked.append(mine)
            mine.wait(10)
            return yes if mine is first else None

        between(monkeypatch, in_turn)
        await act(revoke, mel.user_id)
        await until(lambda: len(asked) == 1)
        await act(revoke, mel.user_id)
        await until(lambda: len(asked) == 2)
        await written(ada, hall, "not for the banned")
        first.set()
        await delivered()
        assert page.said.empty()
        second.set()
        event = await asyncio.wait_for(page.said.get(), 10)
        assert (event["type"], event["code"]) == ("websocket.close", NOT_ALLOWED)


async def test_a_question_that_fails_lets_nobody_hear_what_came_meanwhile(
    monkeypatch: pytest.MonkeyPatch, ada: Membership, mel: Membership, hall: Room
) -> None:
    asking, fail = threading.Event(), threading.Event()
    async with held(mel) as page:
        await page.enter(hall)
        await page.hear("subscribed")

        def broken(user_id: Any, frame: Mapping[str, Any]) -> None:
            asking.set()
            fail.wait(10)
            raise OSError("the database is away")

        monkeypatch.setitem(streams.subscriptions, "room", broken)
        await act(revoke, mel.user_id)
        await asyncio.to_thread(asking.wait, 10)
        await written(ada, hall, "not for the banned")
        await delivered()
        fail.set()
        event = await asyncio.wait_for(page.said.get(), 10)
        assert (event["type"], event["code"]) == ("websocket.close", consumers.BROKEN)
