"""Bodies of requests, measured while they come in: how long, and how slow.

Twisted puts a body on disk, however long it is, before daphne and Django see the first byte of it, and waits for it as
long as a byte a minute comes. Here what is too long is not kept at all: the request goes on without it and is answered
with 413. What still comes is thrown away for some seconds, so that the answer is not lost with the connection (a closed
socket with unread bytes is reset, and browsers then show no page); then nothing is read any more.
"""

import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

from twisted.web.http import HTTPChannel

from core.bodies import MOST_BODY_BYTES, TOO_LONG, most_body_bytes

#: A body may take so long, and longer as it keeps coming: the slowest telephone is faster than that.
BODY_SECONDS, SLOWEST_BYTES_PER_SECOND = 60, 8 * 1024
#: What stands between the chunks of a body without a length, and what came in the same packet after its end.
SLACK_BYTES = 128 * 1024
#: After the answer to what was too long: so long, and so much, is still taken and thrown away.
LINGER_SECONDS, MOST_THROWN_BYTES = 5, 64 * 1024 * 1024
#: A length of more digits is no length. Python refuses to read one of 4,301, with a traceback.
MOST_DIGITS = 15


class MeasuredChannel(HTTPChannel):
    """A connection over which requests come, with the bodies that the site takes."""

    transport: Any
    _networkProducer: Any
    callLater: Any
    _path: Any
    timeOut: Any
    _received = 0
    _most = MOST_BODY_BYTES
    _began_at = 0.0
    _is_refused = False
    _is_lingering = False
    _thrown = 0

    def _maybeChooseTransferDecoder(self, header: bytes, data: bytes) -> bool:
        if header == b"Content-Length" and len(data) > MOST_DIGITS:
            return self._failChooseTransferDecoder()
        return bool(super()._maybeChooseTransferDecoder(header, data))  # type: ignore[no-untyped-call]

    def allHeadersReceived(self) -> None:
        request = self.requests[-1]
        # Otherwise Twisted reads forms and files in the loop, into memory, for nobody: Django does it again.
        request._parsePOSTFormSubmission = False
        self._received, self._began_at = 0, time.monotonic()
        if self.length == 0:
            return super().allHeadersReceived()  # type: ignore[no-untyped-call, no-any-return]
        self._most = MOST_BODY_BYTES
        if self.length is None or self.length > MOST_BODY_BYTES:
            self._most = most_body_bytes(self._path.decode("latin-1"))
        if self.length is not None and self.length > self._most:
            self._refuse(request)
            super().allHeadersReceived()  # type: ignore[no-untyped-call]
            self.persistent = False
        else:
            super().allHeadersReceived()  # type: ignore[no-untyped-call]
            self.setTimeout(BODY_SECONDS)  # type: ignore[no-untyped-call]
        return None

    def rawDataReceived(self, data: bytes) -> None:
        if self._is_refused:
            self._throw_away(data)
        elif self._handlingRequest:
            super().rawDataReceived(data)
        else:
            self._received += len(data)
            # A stated length has been looked at, and no more than that is read.
            if self.length is None and self._received > self._most + SLACK_BYTES:
                self._refuse(self.requests[-1])
                self.persistent = False
                self.allContentReceived()
            else:
                super().rawDataReceived(data)

    def _refuse(self, request: Any) -> None:
        """From here on it is a request without a body, and the last one of this connection."""
        self._is_refused = True
        request.is_too_long = True
        for name in (b"Content-Length", b"Content-Type", b"Transfer-Encoding", b"Expect", b"Upgrade"):
            request.requestHeaders.removeHeader(name)
        request.responseHeaders.setRawHeaders(b"Connection", [b"close"])
        if request.content is not None:
            request.content.close()
        request.content = BytesIO()
        self.length, self._transferDecoder = 0, None

    def _throw_away(self, data: bytes) -> None:
        self._thrown += len(data)
        if self._thrown > MOST_THROWN_BYTES:
            self.transport.abortConnection()

    def allContentReceived(self) -> None:
        super().allContentReceived()  # type: ignore[no-untyped-call]
        if self._savedTimeOut:
            # Not what was left of the body's time.
            self._savedTimeOut = self.headers_seconds

    @property
    def headers_seconds(self) -> float:
        """From the connection, or the answer before, to the end of a request's headers."""
        raise NotImplementedError

    def loseConnection(self) -> None:
        if not self._is_refused or self._is_lingering:
            super().loseConnection()  # type: ignore[no-untyped-call]
            return
        self._is_lingering = True
        self._networkProducer.resumeProducing()
        self._networkProducer.unregisterProducer()
        self.transport.loseWriteConnection()
        self._abortingCall = self.callLater(LINGER_SECONDS, self.forceAbortClient)

    def resetTimeout(self) -> None:
        """Twisted puts the end off with every byte. Headers get no more time than they had; a body as it comes."""
        if self.line_mode or self._handlingRequest or self._is_refused or self.timeOut is None:
            return
        elapsed = time.monotonic() - self._began_at
        left = BODY_SECONDS + self._received / SLOWEST_BYTES_PER_SECOND - elapsed
        if left > 0:
            self.setTimeout(left)  # type: ignore[no-untyped-call]
        else:
            self.setTimeout(None)  # type: ignore[no-untyped-call]
            self.timeoutConnection()  # type: ignore[no-untyped-call]


def telling(create: Callable[..., Any]) -> Callable[..., Any]:
    """daphne's way to the application, which also learns that a body was too long."""

    def create_application(server: Any, protocol: Any, scope: dict[str, Any]) -> Any:
        if getattr(protocol, "is_too_long", False):
            scope = {**scope, TOO_LONG: True}
        return create(server, protocol, scope)

    return create_application
