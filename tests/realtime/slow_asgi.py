"""A web process with one page that takes its time. Nothing else is different."""

import asyncio
from typing import Any

from config.asgi import application as site

SLOW_SECONDS = 1.5


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http" or scope["path"] != "/slow/":
        await site(scope, receive, send)
        return
    await receive()
    await asyncio.sleep(SLOW_SECONDS)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
    await send({"type": "http.response.body", "body": b"done"})
