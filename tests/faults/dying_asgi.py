"""A web process that is killed once, after the first COMMIT of a message and before its acknowledgement."""

import os
import signal
from pathlib import Path
from typing import Any

from config.asgi import application as site

mark = Path(os.environ["KREIS_DIED"])


def die_once() -> None:
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)


async def application(scope: Any, receive: Any, send: Any) -> None:
    async def send_or_die(event: Any) -> None:
        if '"type": "posted"' in (event.get("text") or ""):
            die_once()
        await send(event)

    await site(scope, receive, send_or_die)
