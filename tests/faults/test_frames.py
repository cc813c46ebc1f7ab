"""What a hostile or broken page may send: words come back, the socket lives, and the log stays quiet."""

import json
import uuid

import pytest

from communities.models import Membership, Room
from messaging.models import Message, ReadMark
from realtime.consumers import MOST_FRAMES
from tests.faults.conftest import Pair
from tests.realtime.talking import Browser, enter, page_at, post, session, written

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("pair")]

SURROGATE = "\\ud800"  # as JSON carries it
WRONG: list[str | bytes] = [
    b"\x00\xff",
    b'{"type": "ping"}',
    "",
    "null",
    "{",
    "[" * 60_000,
    '{"a":' * 900 + "1" + "}" * 900,
    "1" * 5000,
    '{"type": null}',
    '{"type": ["subscribe"]}',
    '{"type": "subscribe"}',
    '{"type": "subscribe", "stream": {}}',
    '{"type": "subscribe", "stream": "room", "room": [1]}',
    '{"type": "subscribe", "stream": "room", "room": "%s"}' % ("\\u0000" * 36),
    f'{{"type": "subscribe", "stream": "room", "room": "{SURROGATE * 36}"}}',
    '{"type": "subscribe", "stream": "community", "community": "a\\u0000b"}',
    f'{{"type": "subscribe", "stream": "community", "community": "{SURROGATE}"}}',
    '{"type": "subscribe", "stream": "community", "community": 7}',
    '{"type": "post", "room": 7, "client_id": 7, "text": 7}',
    f'{{"type": "post", "room": "{SURROGATE}", "client_id": "{SURROGATE}", "text": "x"}}',
    f'{{"type": "{SURROGATE}"}}',
]


async def test_what_is_no_frame_is_refused_with_words(pair: Pair, mel: Membership, hall: Room) -> None:
    async with page_at(pair.one, await session(mel)) as page:
        for frame in WRONG:
            await page.socket.send(frame)
            await page.send(type="ping")
            answer = json.loads(await page.socket.recv())
            assert (answer["type"], bool(answer.get("reason"))) == ("refused", True), frame[:80]
            assert json.loads(await page.socket.recv()) == {"type": "pong"}, frame[:80]
    assert "Traceback" not in pair.said()


async def test_what_cannot_be_a_message_is_refused_with_the_client_id(pair: Pair, mel: Membership, hall: Room) -> None:
    async with page_at(pair.one, await session(mel)) as page:
        for text in ("a\\u0000b", SURROGATE, "\\u001b[2J", "", "  \\n", "x" * 8001):
            client_id = str(uuid.uuid4())
            await page.socket.send(
                f'{{"type": "post", "room": "{hall.pk}", "client_id": "{client_id}", "text": "{text}"}}'
            )
            refused = await page.hear("refused")
            assert (refused["client_id"], bool(refused["reason"])) == (client_id, True), text[:80]
        await post(page, hall, "and this one is fine")
    assert await Message.objects.acount() == 1
    assert "Traceback" not in pair.said()


async def test_a_made_up_read_mark_does_no_harm(pair: Pair, ada: Membership, mel: Membership, hall: Room) -> None:
    await written(ada, hall, "one")
    async with page_at(pair.one, await session(mel)) as page:
        for sequence in (10**30, -(10**30), 1.5, "1", None, True, [1]):
            await page.send(type="read", room=str(hall.pk), sequence=sequence)
            await page.send(type="received", bytes=sequence)
            await page.send(type="ping")
            assert json.loads(await page.socket.recv()) == {"type": "pong"}, sequence
    assert (await ReadMark.objects.aget(membership=mel)).last_sequence == 1
    assert "Traceback" not in pair.said()


async def test_a_subscription_carries_nothing_but_short_words(pair: Pair, mel: Membership, hall: Room) -> None:
    """It is kept as long as the socket lives: thousands of long ones would fill the memory."""
    async with page_at(pair.one, await session(mel)) as page:
        await enter(page, hall)
        for more in ({"also": [1]}, {"also": "x" * 101}, {"also": 7}, {"a": "", "b": "", "c": ""}):
            await page.send(type="subscribe", stream="room", room=str(hall.pk), **more)
            assert (await page.hear("refused"))["reason"], more
        await post(page, hall, "still here")
        assert await page.hear("message")


async def test_a_flood_is_answered_with_words_and_the_socket_lives(
    pair: Pair, ada: Membership, mel: Membership, hall: Room
) -> None:
    key, client_id = await session(mel), str(uuid.uuid4())
    async with page_at(pair.one, key) as page, page_at(pair.one, await session(ada)) as other:
        await enter(page, hall)
        for _ in range(MOST_FRAMES - 1):
            await page.send(type="ping")
        await page.send(type="post", room=str(hall.pk), client_id=client_id, text="one too many")
        failed = await page.hear("failed")
        assert failed["client_id"] == client_id
        assert "Wait a moment" in failed["reason"]
        assert not await Message.objects.aexists()
        # It goes on hearing, what failed may be tried again, and others are not concerned.
        assert (await Browser(pair.one, key).write(hall, "one too many", client_id)).status == 200
        assert (await page.hear("message"))["sequence"] == 1
        said = await post(other, hall, "me too")
        assert (await page.hear("message"))["id"] == said["id"]
    assert "Traceback" not in pair.said()


async def test_who_does_not_say_what_was_received_is_cut_and_who_does_is_not(
    pair: Pair, ada: Membership, mel: Membership, mo: Membership, hall: Room
) -> None:
    async with (
        page_at(pair.one, await session(ada)) as writer,
        page_at(pair.one, await session(mel)) as silent,
        page_at(pair.one, await session(mo)) as honest,
    ):
        await enter(silent, hall)
        await enter(honest, hall)
        heard = received = 0
        while silent.socket.close_code is None:
            # As a browser sends it: not escaped, or it would be longer than a frame may be.
            frame = {"type": "post", "room": str(hall.pk), "client_id": str(uuid.uuid4()), "text": "🌻" * 8000}
            await writer.socket.send(json.dumps(frame, ensure_ascii=False))
            await writer.hear("posted")
            received += len(json.dumps(await honest.hear("message")))
            heard += 1
            await honest.send(type="received", bytes=received)
            assert heard < 40
        assert await silent.closed() == 4408
        assert received > 1024 * 1024
        await honest.send(type="ping")
        assert await honest.hear("pong")
