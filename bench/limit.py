"""The limit: a bare asyncio WebSocket broadcast with one INSERT per message. No rights, no page, no other process.

`python -m bench.limit PORT` with DATABASE_URL. A message comes in as JSON, is stored, and goes to all sockets of its
room as it came, with the number that the database gave it.
"""

import asyncio
import json
import os
import sys
from collections import defaultdict

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server
from psycopg import AsyncConnection

TABLE = "CREATE TABLE IF NOT EXISTS bench_limit (id bigserial PRIMARY KEY, room text NOT NULL, text text NOT NULL)"
INSERT = "INSERT INTO bench_limit (room, text) VALUES (%s, %s) RETURNING id"

rooms: dict[str, set[WSTransport]] = defaultdict(set)
waiting: "asyncio.Queue[bytes]" = asyncio.Queue()


class Socket(WSListener):
    def __init__(self, room: str) -> None:
        self.room = room

    def on_ws_connected(self, transport: WSTransport) -> None:
        rooms[self.room].add(transport)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        rooms[self.room].discard(transport)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.TEXT:
            waiting.put_nowait(frame.get_payload_as_bytes())


def admit(request: WSUpgradeRequest) -> WSListener:
    return Socket(request.path.decode().strip("/"))


async def broadcast(database: AsyncConnection) -> None:
    while True:
        message = json.loads(await waiting.get())
        row = await (await database.execute(INSERT, (message["room"], message["text"]))).fetchone()
        text = json.dumps({**message, "type": "message", "sequence": row and row[0]}).encode()
        for transport in rooms[message["room"]]:
            transport.send(WSMsgType.TEXT, text)


async def main() -> None:
    database = await AsyncConnection.connect(os.environ["DATABASE_URL"], autocommit=True)
    await database.execute(TABLE)
    server = await ws_create_server(admit, "127.0.0.1", int(sys.argv[1]))
    async with server:
        await broadcast(database)


if __name__ == "__main__":
    uvloop.run(main())
