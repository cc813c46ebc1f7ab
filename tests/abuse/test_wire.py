"""Frames that break the protocol, or bend it: the connection ends or the words come, and others notice nothing."""

import asyncio
import json
import struct
import time
import uuid
import zlib
from pathlib import Path

import pytest

from communities.models import Membership, Room
from messaging.models import Message
from realtime import consumers
from tests.abuse.raw import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    Raw,
    connected,
    frame,
    memory_of,
    pour,
    raw_page,
)
from tests.realtime.talking import session
from tests.servers import Server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("abuse")]

MIB = 1024 * 1024
DEFLATED = zlib.compressobj(wbits=-15)
BOMB = (DEFLATED.compress(b"x" * 10 * MIB) + DEFLATED.flush(zlib.Z_SYNC_FLUSH))[:-4]

#: What may not be sent at all: the server hangs up.
VIOLATIONS: dict[str, bytes] = {
    "unmasked": frame("{}", mask=False),
    "reserved bit": frame("{}", rsv=1),
    "compressed": frame(BOMB, rsv=4),
    "compressed binary": frame(BOMB, BINARY, rsv=4),
    "reserved opcode": frame("", 3),
    "reserved control opcode": frame("", 11),
    "continuation of nothing": frame("x", CONTINUATION),
    "a message inside a message": frame("x", fin=False) + frame("y"),
    "fragmented ping": frame("", PING, fin=False),
    "long ping": frame(b"x" * 126, PING),
    "length not minimal": b"\x81\xfe\x00\x01" + b"\x00" * 4 + b"x",
    "endless length": b"\x81\xff" + b"\xff" * 8 + b"\x00" * 4,
    "long length": b"\x81\xff" + struct.pack("!Q", 2**62) + b"\x00" * 4,
    "text that is no UTF-8": frame(b'{"type": "\xff"}'),
    "a surrogate as bytes": frame(b'{"type": "\xed\xa0\x80"}'),
    "an overlong NUL": frame(b"\xc0\x80"),
    "a character cut in two": frame(b'{"type": "\xe2\x82'),
    "64 KiB and one byte": frame("x" * (consumers.MOST_FRAME_BYTES + 1)),
    "64 KiB and one byte in two": frame("x" * consumers.MOST_FRAME_BYTES, fin=False) + frame("x", CONTINUATION),
    "fragments without end": frame("", fin=False) + frame("", CONTINUATION, fin=False) * 2000,
    "binary without end": frame(b"x" * 60_000, BINARY, fin=False) + frame(b"x" * 60_000, CONTINUATION, fin=False),
    "http": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
}


async def test_what_breaks_the_protocol_ends_the_connection(watched: Server, mel: Membership, hall: Room) -> None:
    key = await session(mel)
    async with raw_page(watched, key) as other:
        await other.enter(hall)
        for name, violation in VIOLATIONS.items():
            async with raw_page(watched, key) as raw:
                await raw.send(violation)
                assert await raw.ended() in {0, 1002, 1007, 1009}, name
        assert await other.lives()


#: What is no frame of ours, and yet one of the protocol: words.
NO_FRAMES: dict[str, bytes] = {
    "binary": frame(b"\x00\xff", BINARY),
    "binary json": frame('{"type": "ping"}', BINARY),
    "empty": frame(""),
    "empty in pieces": frame("", fin=False) + frame("", CONTINUATION, fin=False) * 30 + frame("", CONTINUATION),
    "64 KiB": frame("[" * consumers.MOST_FRAME_BYTES),
    "deep lists": frame("[" * 30_000 + "]" * 30_000),
    "deep objects": frame('{"a":' * 10_000 + "1" + "}" * 10_000),
    "huge number": frame("1" * 60_000),
    "a huge number inside": frame('{"type": ' + "1" * 60_000 + "}"),
    "infinite": frame('{"type": 1e999}'),
    "no number": frame('{"type": NaN}'),
    "minus infinity": frame("-Infinity"),
    "byte order mark": frame('\ufeff{"type": "ping"}'),
    "surrogate": frame('{"type": "\\ud800"}'),
    "two": frame('{"type": "ping"}{"type": "ping"}'),
    "the last of two keys counts": frame('{"type": "ping", "type": "bang"}'),
    "nul": frame("\x00"),
    "list of frames": frame('[{"type": "ping"}]'),
}


async def test_what_is_no_frame_is_answered_with_words(watched: Server, mel: Membership) -> None:
    async with raw_page(watched, await session(mel)) as raw:
        for name, garbage in NO_FRAMES.items():
            await raw.send(garbage)
            opcode, body = await raw.next()
            assert opcode == TEXT, name
            answer = json.loads(body)
            assert (answer["type"], bool(answer["reason"]), len(body) < 500) == ("refused", True, True), name
        assert await raw.lives()


async def test_a_frame_in_pieces_is_one_and_pings_in_between_are_answered(
    watched: Server, mel: Membership, hall: Room
) -> None:
    words = json.dumps({"type": "post", "room": str(hall.pk), "client_id": str(uuid.uuid4()), "text": "🌻" * 9})
    pieces = [words.encode()[start : start + 7] for start in range(0, len(words), 7)]
    async with raw_page(watched, await session(mel)) as raw:
        await raw.send(frame(pieces[0], fin=False))
        await raw.send(frame(b"are you there", PING))
        for piece in pieces[1:]:
            await raw.send(frame(piece, CONTINUATION, fin=False))
        await raw.send(frame("", CONTINUATION))
        assert await raw.next() == (PONG, b"are you there")
        assert await raw.hear("posted")
    assert (await Message.objects.aget()).text == "🌻" * 9


def masked(payload: bytes, mask: bytes) -> bytes:
    """A frame as a browser masks it."""
    return bytes([0x81, 0x80 | len(payload)]) + mask + bytes(byte ^ mask[n % 4] for n, byte in enumerate(payload))


async def test_a_ping_is_answered_once_however_it_comes(watched: Server, mel: Membership) -> None:
    """As pages say it, it is answered before anybody reads it as a frame, else after; nobody sees a difference."""
    short, long = b'{"type":"ping"}', b'{"type": "ping"}'
    whole = masked(short, b"\x12\x00\xff\x9a")
    ways = [[whole], [whole + whole], [whole[:1], whole[1:]], [whole[:-1], whole[-1:] + whole], [frame(long)]]
    ways += [[whole[:place], whole[place:]] for place in (2, 5, 6, 7)]
    ways += [[frame(short[:4], fin=False), frame(short[4:], CONTINUATION)], [whole + frame(long) + whole]]
    async with raw_page(watched, await session(mel)) as raw:
        for pieces in ways:
            for piece in pieces:
                await raw.send(piece)
                await asyncio.sleep(0.03)
            for _ in range(b"".join(pieces).count(whole) + b"".join(pieces).count(frame(long)) or 1):
                opcode, body = await raw.next()
                assert (opcode, json.loads(body)) == (TEXT, {"type": "pong"})
        await raw.say(type="pang", client_id="mark")
        assert json.loads((await raw.next())[1])["type"] == "refused", "no pong too many"


async def test_a_ping_inside_another_message_is_an_error(watched: Server, mel: Membership) -> None:
    async with raw_page(watched, await session(mel)) as raw:
        await raw.send(frame("{", fin=False))
        await asyncio.sleep(0.1)
        await raw.send(masked(b'{"type":"ping"}', b"abcd"))
        with pytest.raises(EOFError):
            await raw.next()


async def test_a_long_text_in_every_script_arrives(
    watched: Server, ada: Membership, mel: Membership, hall: Room
) -> None:
    """What comes in may have 64 KiB; what goes out may have more, once it is a page's fragment."""
    async with raw_page(watched, await session(mel)) as reader, raw_page(watched, await session(ada)) as writer:
        await reader.enter(hall)
        for text in ("🌻" * 8000, "<&>\"'" * 1600):
            words = {"type": "post", "room": str(hall.pk), "client_id": str(uuid.uuid4()), "text": text}
            await writer.send(frame(json.dumps(words, ensure_ascii=False)))
            said = await writer.hear("posted")
            heard = await reader.hear("message")
            assert heard["id"] == said["id"]
            await reader.say(type="received", bytes=10**9)


@pytest.mark.parametrize("code", [b"", b"\x03\xe8", b"\x00\x00", b"\x03\xed", b"\x0b\xb8", b"\xff\xff", b"\x03"])
async def test_closing_with_whatever_code_closes(watched: Server, mel: Membership, code: bytes) -> None:
    async with raw_page(watched, await session(mel)) as raw:
        await raw.send(frame(code + (b"\xff" if code else b""), CLOSE))
        assert await raw.ended() in {0, 1000, 1002, 1007, 3000}


async def test_a_flood_of_pings_is_slowed_down_and_others_are_not(
    watched: Server, ada: Membership, mel: Membership, hall: Room
) -> None:
    """A ping costs its sender six bytes; taken as fast as they come they would take all of the process's time."""
    async with raw_page(watched, await session(mel)) as flooding, raw_page(watched, await session(ada)) as other:
        await other.enter(hall)
        flood = asyncio.create_task(pour(flooding, frame("", PING) * 10_000, 500 * MIB))
        before, start = cpu_seconds(watched), time.monotonic()
        for number in range(10):
            await say_something(other, hall, str(number))
            await asyncio.sleep(0.1)
        spent, took = cpu_seconds(watched) - before, time.monotonic() - start
        assert not flood.done()
        flood.cancel()
        assert spent < 0.5 + 0.2 * took, f"{spent:.2f} s of CPU in {took:.2f} s of a flood"
        # Taken slowly, not cut.
        assert (await flooding.next())[0] == PONG


async def test_a_flood_of_anything_fills_no_memory(watched: Server, ada: Membership, mel: Membership) -> None:
    """What is not read waits at the sender's: daphne alone would take and keep all of it."""
    key = await session(mel)
    pieces = [
        frame("x" * 60_000),
        frame(json.dumps({"type": "read", "room": str(uuid.uuid4()), "sequence": 1})) * 500,
        frame("", fin=False) + frame("", CONTINUATION, fin=False) * 400,
        frame(b"x" * 125, PING) * 400,
        frame(b"x" * 125, PONG) * 400,
    ]
    before = memory_of(watched)
    for piece in pieces:
        async with raw_page(watched, key) as raw:
            flood = asyncio.create_task(pour(raw, piece, 200 * MIB))
            await asyncio.wait([flood], timeout=2)
            flood.cancel()
            grown = memory_of(watched) - before
            assert grown < 30 * MIB, f"{grown / MIB:.0f} MiB for {piece[:12]!r}"
    async with raw_page(watched, await session(ada)) as raw:
        assert await raw.lives()


async def test_frames_that_arrive_byte_by_byte_are_frames(watched: Server, mel: Membership) -> None:
    async with raw_page(watched, await session(mel)) as raw:
        for byte in frame('{"type": "ping"}'):
            await raw.send(bytes([byte]))
            await asyncio.sleep(0.001)
        assert await raw.hear("pong")


async def test_a_request_that_trickles_in_is_given_up(watched: Server) -> None:
    """With every byte it would be put off, and a few thousand such connections would leave none for others."""
    async with connected(watched) as raw:
        raw.writer.write(b"GET /live/ HTTP/1.1\r\nX: ")
        for _ in range(40):
            raw.writer.write(b"x")
            await asyncio.sleep(0.25)
            if raw.reader.at_eof():
                return
    raise AssertionError("ten seconds, and still waiting for the rest")


async def say_something(page: Raw, room: Room, text: str) -> None:
    await page.say(type="post", room=str(room.pk), client_id=str(uuid.uuid4()), text=text)
    await page.hear("posted")


def cpu_seconds(server: Server) -> float:
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100
