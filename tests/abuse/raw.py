"""A socket written byte by byte: what no browser and no library would send."""

import asyncio
import contextlib
import json
import os
import socket
import struct
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from communities.models import Room
from tests.servers import Server

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
#: Longer than anything takes on a busy machine.
PATIENCE_SECONDS = 20

Headers = Mapping[str, str | None]


def request(server: Server, *, path: str = "/live/", session_key: str = "", more: Headers | None = None) -> bytes:
    """A handshake as a browser would send it; `more` replaces headers, or leaves out those that are None."""
    headers: dict[str, str | None] = {
        "Host": f"localhost:{server.port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Origin": server.url,
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Cookie": f"{settings.SESSION_COOKIE_NAME}={session_key}" if session_key else None,
    }
    lines = [f"{name}: {value}" for name, value in (headers | dict(more or {})).items() if value is not None]
    return "\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode("latin-1")


def frame(payload: bytes | str, opcode: int = TEXT, *, fin: bool = True, rsv: int = 0, mask: bool = True) -> bytes:
    """One frame. The mask is zeros: to the server one like any other, and cheap to make in thousands."""
    body = payload.encode() if isinstance(payload, str) else payload
    first, masked = (fin << 7) | (rsv << 4) | opcode, mask << 7
    if len(body) < 126:
        head = struct.pack("!BB", first, masked | len(body))
    elif len(body) < 65536:
        head = struct.pack("!BBH", first, masked | 126, len(body))
    else:
        head = struct.pack("!BBQ", first, masked | 127, len(body))
    return head + (b"\x00" * 4 if mask else b"") + body


@dataclass
class Raw:
    """A connection to a web process; after `shake` it speaks frames."""

    server: Server
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    headers: dict[str, str] = field(default_factory=dict)
    #: What the server said when it closed; 0 where it said nothing.
    close_code: int = 0
    #: What was passed over: an acknowledgement and the message itself may come in either order.
    kept: list[dict[str, Any]] = field(default_factory=list)

    async def ask(self, wanted: bytes) -> int:
        """Send a request; the status of the answer, 0 where the connection ends without one."""
        self.writer.write(wanted)
        async with asyncio.timeout(PATIENCE_SECONDS):
            try:
                head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                return 0
        self.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])}
        return int(head[0].split(" ")[1])

    async def shake(self, **how: Any) -> int:
        return await self.ask(request(self.server, **how))

    async def send(self, *frames: bytes) -> None:
        self.writer.write(b"".join(frames))
        await self.writer.drain()

    async def say(self, **words: Any) -> None:
        await self.send(frame(json.dumps(words)))

    async def next(self) -> tuple[int, bytes]:
        """The next frame of the server. Raises: EOFError where the connection ended."""
        try:
            first, length = await self.reader.readexactly(2)
            if length == 126:
                length = struct.unpack("!H", await self.reader.readexactly(2))[0]
            elif length == 127:
                length = struct.unpack("!Q", await self.reader.readexactly(8))[0]
            body = await self.reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise EOFError from error
        if first & 15 == CLOSE:
            self.close_code = int.from_bytes(body[:2], "big")
            with contextlib.suppress(ConnectionError):
                await self.send(frame(body[:2], CLOSE))
        return first & 15, body

    async def hear(self, kind: str) -> dict[str, Any]:
        """The next frame of a kind; others in between are kept."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                for place, one in enumerate(self.kept):
                    if one["type"] == kind:
                        return self.kept.pop(place)
                opcode, body = await self.next()
                if opcode == TEXT:
                    come = json.loads(body)
                    self.kept.extend(come if isinstance(come, list) else [come])

    async def enter(self, room: Room) -> None:
        await self.say(type="subscribe", stream="room", room=str(room.pk))
        await self.hear("subscribed")

    async def lives(self) -> bool:
        await self.say(type="ping")
        return bool(await self.hear("pong"))

    async def ended(self, within: float = PATIENCE_SECONDS) -> int:
        """Waits until the server has gone; the code that it gave, 0 for none."""
        async with asyncio.timeout(within):
            with contextlib.suppress(EOFError):
                while True:
                    await self.next()
        return self.close_code


@asynccontextmanager
async def connected(server: Server, receive_buffer: int = 0) -> AsyncIterator[Raw]:
    """A connection of which nothing is said yet. A small receive buffer makes a reader that is soon full."""
    plain = socket.socket()
    if receive_buffer:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    plain.setblocking(False)
    await asyncio.get_running_loop().sock_connect(plain, ("127.0.0.1", server.port))
    reader, writer = await asyncio.open_connection(sock=plain, limit=receive_buffer or 2**16)
    try:
        yield Raw(server, reader, writer)
    finally:
        writer.transport.abort()


@asynccontextmanager
async def raw_page(server: Server, session_key: str, receive_buffer: int = 0) -> AsyncIterator[Raw]:
    """A page's socket, open."""
    async with connected(server, receive_buffer) as raw:
        assert await raw.shake(session_key=session_key) == 101
        yield raw


async def pour(raw: Raw, piece: bytes, total: int) -> int:
    """Send the same again and again, as fast as it is taken, until so many bytes are gone or the server closes."""
    sent = 0
    with contextlib.suppress(ConnectionError):
        while sent < total:
            raw.writer.write(piece)
            await raw.writer.drain()
            sent += len(piece)
    return sent


def memory_of(server: Server) -> int:
    """Bytes of the web process that are in memory."""
    return int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
