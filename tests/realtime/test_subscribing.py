"""Subscribing while something happens: the moments between a question and its answer.

The socket runs in this process, on a real hub, bus and database, so that a moment can be held still.
"""

import asyncio
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.actions import end_session
from accounts.marks import page_mark
from accounts.models import Session, User
from communities.models import Membership, Room
from core import streams
from messaging.actions import Draft, post_messages
from messaging.live import room_stream
from messaging.models import Message
from realtime import consumers, sweep
from realtime.hub import start_hub
from realtime.publish import revoke
from tests.realtime.held import held
from tests.realtime.talking import act, written

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_bus")]


Change = Callable[[streams.Subscription | None], streams.Subscription | None]


def between(monkeypatch: pytest.MonkeyPatch, change: Change) -> None:
    """Let something happen after the room's stream has been asked, and before the socket learns of the answer."""
    ask = streams.subscriptions["room"]

    def asked(user_id: Any, frame: Mapping[str, Any]) -> streams.Subscription | None:
        return change(ask(user_id, frame))

    monkeypatch.setitem(streams.subscriptions, "room", asked)


def said_elsewhere(author: Membership, room: Room) -> None:
    def write() -> None:
        try:
            post_messages([Draft(author, room, uuid.uuid4(), "in between")])
        finally:
            connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()


async def test_a_message_between_asking_and_hearing_is_in_the_answer(
    monkeypatch: pytest.MonkeyPatch, ada: Membership, mel: Membership, hall: Room
) -> None:
    def speak(yes: streams.Subscription | None) -> streams.Subscription | None:
        said_elsewhere(ada, hall)
        return yes

    between(monkeypatch, speak)
    async with held(mel) as page:
        await page.enter(hall)
        # Told by the hub it would not be: nobody was subscribed when it was stored.
        assert (await page.hear("subscribed"))["change"] == 1


async def test_a_stream_that_could_not_be_asked_closes_the_socket_so_that_the_page_comes_again(
    monkeypatch: pytest.MonkeyPatch, mel: Membership, hall: Room
) -> None:
    def fail(yes: streams.Subscription | None) -> streams.Subscription | None:
        raise OSError("the database is away")

    between(monkeypatch, fail)
    async with held(mel) as page:
        await page.enter(hall)
        assert (await page.hear("websocket.close"))["code"] == consumers.BROKEN


async def test_a_refusal_says_which_stream_it_means(mel: Membership, attic: Room) -> None:
    async with held(mel) as page:
        await page.enter(attic)
        assert (await page.hear("refused"))["stream"] == "room"


async def test_the_answer_is_made_when_the_socket_hears_already(
    monkeypatch: pytest.MonkeyPatch, mel: Membership, hall: Room
) -> None:
    heard: list[int] = []

    def watch(yes: streams.Subscription | None) -> streams.Subscription | None:
        assert yes is not None
        make = yes.answer

        def answer() -> Mapping[str, Any]:
            heard.append(len(hub.by_stream.get(room_stream(hall.pk), ())))
            return make()

        return replace(yes, answer=answer)

    between(monkeypatch, watch)
    async with held(mel) as page:
        hub = start_hub()
        await page.enter(hall)
        await page.hear("subscribed")
    assert heard == [1]


async def test_a_right_that_ends_while_it_is_asked_for_leaves_nothing_subscribed(
    monkeypatch: pytest.MonkeyPatch, ada: Membership, mel: Membership, hall: Room
) -> None:
    async with held(mel) as page:
        hub = start_hub()
        asked: list[bool] = []

        def end_the_right(yes: streams.Subscription | None) -> streams.Subscription | None:
            asked.append(yes is not None)
            if len(asked) == 1:
                Membership.objects.filter(pk=mel.pk).update(banned_at=timezone.now())
                asyncio.run_coroutine_threadsafe(page.socket.ask_again(), hub.loop).result(5)
            return yes

        between(monkeypatch, end_the_right)
        await page.enter(hall)
        assert (await page.hear("refused"))["reason"]
        assert asked == [True, False], "a yes of yesterday counted, or nobody asked again"
        assert room_stream(hall.pk) not in hub.by_stream
        assert page.socket.streams == {}


async def test_asking_again_while_one_subscribes_takes_nothing_from_who_may(
    monkeypatch: pytest.MonkeyPatch, ada: Membership, mel: Membership, hall: Room
) -> None:
    async with held(mel) as page:
        hub = start_hub()
        asked: list[bool] = []

        def only_ask_again(yes: streams.Subscription | None) -> streams.Subscription | None:
            asked.append(yes is not None)
            if len(asked) == 1:
                asyncio.run_coroutine_threadsafe(page.socket.ask_again(), hub.loop).result(5)
            return yes

        between(monkeypatch, only_ask_again)
        await page.enter(hall)
        await page.hear("subscribed")
        assert asked == [True, True]
        await written(ada, hall, "hello")
        assert await page.hear("message")


async def test_of_two_questions_at_once_the_later_one_counts(
    monkeypatch: pytest.MonkeyPatch, mel: Membership, hall: Room
) -> None:
    """The earlier one read the old rights, was slow, and comes back last."""
    async with held(mel) as page:
        await page.enter(hall)
        await page.hear("subscribed")
        first_has_asked, second_is_done = threading.Event(), threading.Event()
        turns: list[int] = []

        def old_then_new(yes: streams.Subscription | None) -> streams.Subscription | None:
            turns.append(1)
            if len(turns) == 1:
                first_has_asked.set()
                second_is_done.wait(5)
                return yes
            return streams.Subscription({})

        between(monkeypatch, old_then_new)
        first = asyncio.create_task(page.socket.ask_again())
        await asyncio.to_thread(first_has_asked.wait, 5)
        await page.socket.ask_again()
        assert page.socket.streams == {}
        second_is_done.set()
        await first
        assert page.socket.streams == {}


async def test_an_open_socket_asks_by_itself_from_time_to_time(
    monkeypatch: pytest.MonkeyPatch, mel: Membership, hall: Room
) -> None:
    monkeypatch.setattr(sweep, "ASK_AGAIN_SECONDS", 0.1)
    monkeypatch.setattr(sweep, "ASK_AGAIN_SECONDS_WITHOUT_BUS", 0.1)
    async with held(mel) as page:
        await page.enter(hall)
        await page.hear("subscribed")
        await asyncio.sleep(0.4)
        await page.send(type="ping")
        await page.hear("pong")  # asked, and still welcome
        await act(lambda: Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1)))
        assert (await page.hear("websocket.close"))["code"] == 4401


async def test_sockets_of_an_ended_session_are_cut_unasked(mel: Membership, hall: Room) -> None:
    """The database may hang at that moment: nobody waits for its answer."""
    async with held(mel) as page, held(mel) as other_session:
        await act(revoke, mel.user_id, ended_session=page.session_key)
        assert (await page.hear("websocket.close"))["code"] == 4401
        assert await Session.objects.acount() == 2
        await other_session.send(type="ping")
        await other_session.hear("pong")


async def test_pongs_are_counted_by_nobody_because_the_wire_answers_most_pings(mel: Membership) -> None:
    async with held(mel) as page:
        before = page.socket._sent_bytes
        for more in ({}, {"of": "everything"}):
            await page.send(type="ping", **more)
            assert await page.hear("pong") == {"type": "pong"}
        assert page.socket._sent_bytes == before


async def test_a_socket_that_is_closed_takes_no_more_frames(mel: Membership, hall: Room) -> None:
    async with held(mel) as page:
        await act(lambda: Membership.objects.filter(pk=mel.pk).update(banned_at=timezone.now()))
        await page.enter(hall)
        await page.hear("refused")
        await act(lambda: Session.objects.all().delete())
        await page.socket.ask_again()
        assert (await page.hear("websocket.close"))["code"] == 4401
        await Membership.objects.filter(pk=mel.pk).aupdate(banned_at=None)
        await page.send(type="post", room=str(hall.pk), client_id=str(uuid.uuid4()), text="from behind the door")
        await asyncio.sleep(0.3)
        assert not await Message.objects.aexists()


async def test_a_page_of_somebody_who_is_no_longer_signed_in_here_is_told_so(
    mel: Membership, bea: Membership, hall: Room
) -> None:
    """Somebody else signed in to the same browser meanwhile: what waits on the page must not go out as theirs."""
    async with held(bea) as page:
        await page.send(type="subscribe", stream="room", room=str(hall.pk), **{"as": page_mark(mel.user_id, mel.pk)})
        assert (await page.hear("websocket.close"))["code"] == consumers.SIGNED_OUT
        assert page.socket.streams == {}
    others, surrogates = page_mark(mel.user_id, bea.pk), ["\ud800:x", "x:\ud800"]
    for forged in (others, str(bea.user_id), str(bea.pk), *surrogates, "", 7, None, ["x"]):
        async with held(bea) as page:
            await page.send(type="subscribe", stream="room", room=str(hall.pk), **{"as": forged})
            assert (await page.hear("websocket.close"))["code"] == consumers.SIGNED_OUT
    async with held(bea) as page:
        await page.send(type="subscribe", stream="room", room=str(hall.pk), **{"as": page_mark(bea.user_id, bea.pk)})
        await page.hear("subscribed")


def close_account(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    revoke(user.pk)


ENDINGS: dict[str, Callable[[User, str], object]] = {
    "device": lambda user, key: end_session(user=user, session_key=key),
    "account": lambda user, key: close_account(user),
}


@pytest.mark.parametrize("ending", ENDINGS)
async def test_a_right_that_ends_while_a_page_opens_is_not_missed(
    monkeypatch: pytest.MonkeyPatch, mel: Membership, ending: str
) -> None:
    """Told when nobody could yet be asked: after the session was read, before the socket was one of the hub's."""
    introduce = consumers.PageSocket._introduce

    async def introduced_late(socket: consumers.PageSocket) -> Any:
        person, hub = await introduce(socket), start_hub()
        before = hub.ended_rights
        await act(ENDINGS[ending], mel.user, socket.session_key)
        async with asyncio.timeout(5):
            while hub.ended_rights == before:  # noqa: ASYNC110 - nobody tells of it
                await asyncio.sleep(0.01)
        return person

    monkeypatch.setattr(consumers.PageSocket, "_introduce", introduced_late)
    async with held(mel) as page:
        assert (await page.hear("websocket.close"))["code"] == consumers.SIGNED_OUT


def test_signing_out_is_told_when_the_session_is_gone(monkeypatch: pytest.MonkeyPatch, mel: Membership) -> None:
    """A page that opens in between would find it, and stay."""
    found: list[bool] = []
    monkeypatch.setattr("realtime.receivers.revoke", lambda *_, **__: found.append(Session.objects.exists()))
    client = Client()
    assert mel.user is not None
    client.force_login(mel.user)
    assert Session.objects.exists()
    client.logout()
    assert found == [False]
