"""Requests as `static/js/ask.js` makes them, without threads: hundreds may hang at once, each only so long."""

import asyncio
import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

WITHIN = 10.0
TOKEN = "x" * 32


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def is_ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """The session or a right has ended. Scripts follow redirects, and so find themselves elsewhere."""
        return 300 <= self.status < 400 or self.status in {401, 403, 404}

    @property
    def data(self) -> Any:
        is_json = self.headers.get("content-type", "").startswith("application/json")
        return json.loads(self.text) if is_json else None


async def ask(
    port: int,
    path: str,
    session: str,
    fields: Mapping[str, str] | None = None,
    *,
    within: float = WITHIN,
    accept: str = "application/json",
) -> Answer | None:
    """None: nobody answered in time."""
    try:
        async with asyncio.timeout(within):
            return await _ask(port, path, session, fields, accept)
    except (OSError, TimeoutError, EOFError, ValueError):
        return None


async def _ask(port: int, path: str, session: str, fields: Mapping[str, str] | None, accept: str) -> Answer:
    body = b"" if fields is None else urlencode({**fields, "csrfmiddlewaretoken": TOKEN}).encode()
    lines = [
        f"{'GET' if fields is None else 'POST'} {path} HTTP/1.1",
        f"Host: localhost:{port}",
        "Connection: close",
        f"Accept: {accept}",
        f"Cookie: {settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={TOKEN}",
        f"Content-Length: {len(body)}",
        "Content-Type: application/x-www-form-urlencoded",
    ]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        text = await reader.readexactly(int(headers["content-length"])) if "content-length" in headers else b""
        return Answer(int(head[0].split()[1]), headers, text.decode())
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
