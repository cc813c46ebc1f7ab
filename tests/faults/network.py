"""A bad network between a page and its web process: slow and uneven, standing still, torn."""

import asyncio
import contextlib
import random
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

CHUNK = 4096


class Network:
    """Carries bytes both ways, in their order. Whoever comes while it stands still has to wait, too."""

    def __init__(self, target: int) -> None:
        self._target = target
        #: Units: seconds, of each chunk; the jitter is at most.
        self.delay = self.jitter = 0.0
        self._up, self._down = asyncio.Event(), asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.flow()

    def flow(self) -> None:
        self._up.set()
        self._down.set()

    def stall(self, *, up: bool = True, down: bool = True) -> None:
        """`up` is from the page to the server."""
        if up:
            self._up.clear()
        if down:
            self._down.clear()

    def tear(self) -> None:
        """Every connection ends at once, with a reset."""
        for writer in list(self._writers):
            opened = writer.get_extra_info("socket")
            with contextlib.suppress(OSError):
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._target)
        pair = {writer, there_writer}
        self._writers |= pair
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(reader, there_writer, self._up))
                group.create_task(self._pump(there_reader, writer, self._down))
        finally:
            self._writers -= pair
            for end in pair:
                end.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: asyncio.Event) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                await asyncio.sleep(self.delay + random.random() * self.jitter)
                await way.wait()
                writer.write(data)
                await writer.drain()
            writer.write_eof()


@asynccontextmanager
async def network(target: int) -> AsyncIterator[tuple[Network, int]]:
    """Shape: the network and the port at which pages find it."""
    carrier = Network(target)
    held: set[asyncio.Task[None]] = set()

    async def admit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        held.add(task)
        try:
            await carrier.carry(reader, writer)
        except (OSError, asyncio.CancelledError, ExceptionGroup):
            pass
        finally:
            held.discard(task)

    server = await asyncio.start_server(admit, "127.0.0.1", 0, limit=CHUNK)
    try:
        yield carrier, int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in list(held):
            task.cancel()
        await asyncio.gather(*held, return_exceptions=True)
