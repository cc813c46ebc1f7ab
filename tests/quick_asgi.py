"""The web process of most tests, quick where nothing is tested.

A static file is answered as the site answered it the first time: else each page of each new browser begins with
sixty of them, each by way of all middleware. And who comes is seen soon: chance takes up to eight seconds.
"""

from typing import Any

from accounts import traps
from config.asgi import application as site
from realtime import presence, sweep

# A test that expects to be told at once must not pass because somebody looks every three seconds.
sweep.ASK_AGAIN_SECONDS_WITHOUT_BUS = 60
presence.COMING_SHOWS_AFTER_SECONDS = (0.1, 0.5)
# A browser that is driven types faster than anybody.
traps.QUICKEST_SECONDS = 0

_answers: dict[str, list[Any]] = {}


async def application(scope: Any, receive: Any, send: Any) -> None:
    if not _is_plain(scope):
        return await site(scope, receive, send)
    path: str = scope["path"]
    if path not in _answers:
        return await _first(path, scope, receive, send)
    for part in _answers[path]:
        await send(part)
    return None


def _is_plain(scope: Any) -> bool:
    """Whether it asks for a static file, and no matter what was there before."""
    is_file = scope["type"] == "http" and scope["method"] == "GET" and scope["path"].startswith("/static/")
    return is_file and not any(name.startswith(b"if-") or name == b"range" for name, _value in scope["headers"])


async def _first(path: str, scope: Any, receive: Any, send: Any) -> None:
    parts: list[Any] = []

    async def keep(part: Any) -> None:
        parts.append(part)
        await send(part)

    await site(scope, receive, keep)
    if parts[0].get("status") == 200:
        _answers[path] = parts
