"""What daphne answers by itself: refusals of what is no request, handshakes, "that took too long".

Its page for that has a style of its own, which our policy would refuse, and its name; ours is a line of text.
"""

from http.client import responses
from typing import Any

from daphne import http_protocol
from daphne.http_protocol import WebRequest

from core import walls


class BareRequest(WebRequest):  # type: ignore[misc]  # daphne has no types
    def basic_error(self, status: int, status_text: bytes, body: str) -> None:
        said = [("Content-Type", "text/plain; charset=utf-8"), *walls.of_server()]
        headers = [(name.encode(), value.encode()) for name, value in said]
        self.handle_reply({"type": "http.response.start", "status": status, "headers": headers})
        self.handle_reply({"type": "http.response.body", "body": status_text + b"\n"})


class BareHandshake:
    """For a socket's end: headers of its handshake, accepted or refused."""

    def succeedHandshake(self, accepted: Any) -> None:
        super().succeedHandshake((accepted, dict(walls.of_server())))  # type: ignore[misc]

    def failHandshake(self, reason: str, code: int = 400, responseHeaders: Any = None) -> None:
        """Autobahn's own reason quotes what was sent, or the error that was ours."""
        headers = [*(responseHeaders or []), *walls.of_server()]
        super().failHandshake(responses.get(code, "Refused"), code, headers)  # type: ignore[misc]


def bind() -> None:
    http_protocol.WebRequest = BareRequest
