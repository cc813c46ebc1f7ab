"""One person who sends without end, from many sockets: words, a pause, no close; and others notice nothing of it."""

import asyncio
import contextlib
import json
import time
import uuid
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from communities.models import Membership, Room
from messaging.live import room_stream
from messaging.models import Message
from realtime import consumers
from realtime.news import Envelope
from realtime.publish import publish
from tests.abuse.raw import PATIENCE_SECONDS, TEXT, Raw, connected, frame, memory_of, raw_page
from tests.realtime.talking import act, page_at, post, session
from tests.servers import Server, start_server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("abuse")]

MIB = 1024 * 1024


def kinds_of_floods(hall: Room) -> dict[str, list[bytes]]:
    def many(**words: object) -> list[bytes]:
        return [frame(json.dumps({**words, "client_id": str(uuid.uuid4())})) for _ in range(300)]

    return {
        "messages": many(type="post", room=str(hall.pk), text="buy now"),
        "subscriptions": many(type="subscribe", stream="room", room=str(hall.pk)),
        "readings": many(type="read", room=str(hall.pk), sequence=1),
        "pings": many(type="ping"),
        "garbage": [frame("{")] * 300,
    }


async def send_for_ever(raw: Raw, frames: list[bytes]) -> None:
    while True:
        await raw.send(*frames)


async def test_whoever_floods_is_told_to_wait_and_stays_and_others_are_answered_meanwhile(
    watched: Server, ada: Membership, mel: Membership, hall: Room
) -> None:
    for name, flood in kinds_of_floods(hall).items():
        async with raw_page(watched, await session(mel)) as flooding, page_at(watched, await session(ada)) as other:
            sending = asyncio.create_task(send_for_ever(flooding, flood))
            assert "Wait a moment" in (await flooding.hear("failed"))["reason"], name
            for number in range(4):
                await post(other, hall, f"{name} {number}", within=20)
            assert flooding.close_code == 0
            assert not sending.done(), "it was answered while the flood went on"
            sending.cancel()
    assert await Message.objects.filter(author=mel).acount() <= 120


async def test_one_person_keeps_no_threads_from_others(
    watched: Server, ada: Membership, mel: Membership, hall: Room
) -> None:
    """Threads that ask the database are few: with thirty sockets one person could have them all."""
    async with AsyncExitStack() as open_sockets:
        key = await session(mel)
        greedy = [await open_sockets.enter_async_context(raw_page(watched, key)) for _ in range(20)]
        other = await open_sockets.enter_async_context(page_at(watched, await session(ada)))
        for raw in greedy:
            await raw.say(type="dawdle")  # see tests/abuse/hasty_asgi.py: it holds a thread for a second
        answers = [asyncio.create_task(raw.hear("dawdled")) for raw in greedy]
        await asyncio.wait(answers, return_when=asyncio.FIRST_COMPLETED)
        await other.send(type="subscribe", stream="room", room=str(hall.pk))
        await other.hear("subscribed", within=20)
        done = sum(answer.done() for answer in answers)
        assert done <= 8, f"{done} of 20 slow answers came first"
        for answer in answers:
            answer.cancel()


async def test_too_many_sockets_of_one_person_are_too_many_and_those_before_stay(
    watched: Server, ada: Membership, mel: Membership, hall: Room
) -> None:
    key, other_key = await session(mel), await session(mel)
    async with AsyncExitStack() as open_sockets:
        for number in range(consumers.MOST_SOCKETS_PER_PERSON):
            way = key if number % 2 else other_key
            first = await open_sockets.enter_async_context(raw_page(watched, way))
            await first.lives()
        async with raw_page(watched, key) as one_more, raw_page(watched, await session(ada)) as other:
            assert await one_more.ended() == consumers.TOO_MANY
            assert await other.lives()
        assert await first.lives()


async def test_a_page_may_not_ask_for_more_streams_than_it_can_show(
    watched: Server, mel: Membership, hall: Room
) -> None:
    """Each is asked for again whenever rights change: a room a thousand times would be a burden for long."""
    async with raw_page(watched, await session(mel)) as raw:
        answers = []
        for number in range(consumers.MOST_SUBSCRIPTIONS + 3):
            await raw.say(type="subscribe", stream="room", room=str(hall.pk), pad=str(number))
            answers.append(json.loads((await raw.next())[1])["type"])
        assert answers == ["subscribed"] * consumers.MOST_SUBSCRIPTIONS + ["refused"] * 3
        await raw.say(type="subscribe", stream="room", room=str(hall.pk), pad="0")
        assert await raw.hear("subscribed"), "one that it has already"


async def test_an_answer_repeats_no_more_than_a_word_of_what_was_sent(watched: Server, mel: Membership) -> None:
    async with raw_page(watched, await session(mel)) as raw:
        for field in ("client_id", "stream"):
            await raw.send(frame(json.dumps({"type": "?", field: "ä" * 30_000}, ensure_ascii=False)))
            opcode, body = await raw.next()
            assert (opcode, len(body) < 500) == (TEXT, True)


async def test_connections_and_sockets_that_say_nothing_are_given_up(ada: Membership, mel: Membership) -> None:
    """Half-open: the other end is gone and nobody said so."""
    server = await act(start_server, application="tests.abuse.deaf_asgi:application")
    try:
        async with (
            connected(server) as silent,
            raw_page(server, await session(mel)) as gone,
            page_at(server, await session(ada)) as hidden,
            page_at(server, await session(ada)) as other,
            page_at(server, await session(ada)) as unanswered,
        ):
            ends = asyncio.gather(gone.ended(), silent.ended())
            while not ends.done():
                await other.send(type="ping")
                assert await other.hear("pong"), "whose page says something stays"
                await unanswered.send(type="received", bytes=0)
                await asyncio.sleep(0.5)
            assert list(await ends) == [0, 0]
            assert await unanswered.hear("pong", within=0.1), "nor may the server be quiet for long"
            for _ in range(2):
                assert await hidden.hear("pong", within=0.1), "whoever is quiet is asked, and need not ask"
            await hidden.send(type="subscribe", stream="community", community=mel.community.slug)
            assert await hidden.hear("subscribed"), "a browser answers by itself, though its page's timers stand still"
    finally:
        server.process.kill()


async def test_a_crowd_that_comes_and_goes_leaves_no_memory_behind(watched: Server, mel: Membership) -> None:
    async def visit() -> None:
        async with connected(watched) as raw:
            await raw.shake(session_key="a" * 32, more={"X-Forwarded-For": "10.0.0.7"})

    await asyncio.gather(*(visit() for _ in range(20)))
    before = memory_of(watched)
    for _ in range(30):
        await asyncio.gather(*(visit() for _ in range(20)))
    assert memory_of(watched) - before < 20 * MIB


async def test_a_slow_reader_is_cut_and_its_memory_is_given_back(watched: Server, mel: Membership, hall: Room) -> None:
    """It entered the room and then stopped reading its connection: the server keeps a MiB for it, and not for long."""
    async with raw_page(watched, await session(mel), receive_buffer=4096) as stuck:
        await stuck.enter(hall)
        sockets_before, before = open_connections(watched), memory_of(watched)
        await fill(hall, 20 * MIB)
        assert memory_of(watched) - before < 25 * MIB
        await until_gone(watched, sockets_before)


async def test_who_lies_about_having_read_is_cut_as_well(watched: Server, mel: Membership, hall: Room) -> None:
    """It says it received everything and reads nothing: what the server still holds for it cannot be lied about."""
    async with raw_page(watched, await session(mel), receive_buffer=4096) as liar:
        await liar.enter(hall)
        sockets_before, before = open_connections(watched), memory_of(watched)

        for _ in range(100):
            await fill(hall, MIB // 4)
            await asyncio.sleep(0.1)
            with contextlib.suppress(ConnectionError):
                await liar.say(type="received", bytes=10**9)
            if open_connections(watched) < sockets_before:
                break
        else:
            raise AssertionError("25 MiB unread, and still believed")
        assert memory_of(watched) - before < 10 * MIB


async def fill(room: Room, length: int) -> None:
    """So much is told to those in the room, by another process: faster than anybody may write."""
    text = json.dumps({"type": "message", "id": str(uuid.uuid4()), "html": "x" * 60_000})
    for _ in range(length // len(text)):
        await act(publish, [Envelope(room_stream(room.pk), {"": text}, sequence=10**6)])


def open_connections(server: Server) -> int:
    """Connections of the process with people, as the system counts them: also those that daphne has forgotten."""
    port = f":{server.port:04X}"
    lines = [line.split() for line in Path(f"/proc/{server.process.pid}/net/tcp").read_text().splitlines()[1:]]
    return sum(line[1].endswith(port) and line[3] == "01" for line in lines)


async def until_gone(server: Server, before: int) -> None:
    """Until the server has let go of one connection."""
    end = time.monotonic() + PATIENCE_SECONDS
    while open_connections(server) >= before:
        assert time.monotonic() < end, "still connected"
        await asyncio.sleep(0.1)
