"""What daphne leaves open between TCP and a socket's application: how fast, how much, how long.

Daphne takes frames as fast as they come and keeps them in memory until they are read, answers every ping, keeps what a
client does not read, and waits for a handshake as long as a byte trickles in. Measured: docs/decisions/0008-abuse.md.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from daphne.http_protocol import HTTPFactory
from daphne.server import Server
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from twisted.internet import asyncioreactor, reactor
from twisted.internet.tcp import Connection
from twisted.python import log

from realtime import bare_answers
from realtime.bare_answers import BareHandshake
from realtime.bodies import MeasuredChannel, telling
from realtime.consumers import MOST_FRAME_BYTES
from realtime.draining import EndingChannel, drain

logger = logging.getLogger(__name__)

MOST_FRAGMENTS = 500
#: Of one socket: so many frames may wait for the application, then nothing more is read from it.
MOST_WAITING = 16
#: Frames of any kind, pings and fragments too. Above this they are taken as slowly as this.
BURST, FRAMES_PER_SECOND = 300, 100
PAUSE_SECONDS = 0.05
#: Exactly what a page says to show that it is there (static/js/live.js), and the frame that it hears.
PING, PONG = b'{"type":"ping"}', b'\x81\x10{"type": "pong"}'
#: Without a frame for so long, from either side, the other end is asked; and then nobody is there. Proxies hang up
#: after a minute in which the server, or the page, says nothing.
QUIET_SECONDS, SILENT_SECONDS = 40, 100
#: The question: a ping, which a browser answers by itself, also for a hidden tab whose timers stand still; and what the
#: page itself hears, so that it need not ask.
ASK = b"\x89\x00" + PONG
#: Written and not taken by the client's end. A page that says what it received is cut before that (4408).
MOST_UNREAD_BYTES = 1280 * 1024
#: From the connection, or the answer before, to the end of a request's headers.
HEADER_SECONDS = 60
#: See seldom(). With the second or two that daphne waits itself, it takes so long until it is noticed that an
#: application ended or a client says nothing.
LOOKS_PAUSE_SECONDS = 4


class BoundedSocket(BareHandshake, WebSocketProtocol):  # type: ignore[misc]
    """A socket's end at the server. Pausing is TCP's: the client's own buffers fill, and it has to wait."""

    # Autobahn refuses to send what it would not receive: a bundle of news may well be longer.
    maxMessagePayloadSize = 0
    maxFramePayloadSize = MOST_FRAME_BYTES
    # Autobahn's 1 s is less than a slow network needs to bring the reason, and a reset overtakes it.
    closeHandshakeTimeout = 5

    _tokens = float(BURST)
    #: When the newest frame came, and when something was last written.
    _counted_at = 0.0
    _said_at = 0.0
    _asked_at = -1.0
    _is_paused = False
    _fragments = 0

    def onConnect(self, request: Any) -> Any:
        # Read by daphne: with a traceback in the log where it is not ASCII. We speak no subprotocol.
        request.headers.pop("sec-websocket-protocol", None)
        # Where the site is mounted is not for the client to say.
        request.headers.pop("daphne-root-path", None)
        self._counted_at = time.monotonic()
        return super().onConnect(request)

    def check_timeouts(self) -> None:
        """Called by daphne every few seconds, whose own would ping every socket every 20 s, by the wall clock.

        Many are asked in one go, and answer in one: pages that pinged by themselves woke the process for each.
        """
        if self.state == self.STATE_OPEN and time.monotonic() - min(self._counted_at, self._said_at) <= QUIET_SECONDS:
            return  # as nearly all of a thousand, nearly always
        try:
            self._look_at_silence()
        except Exception:  # which would end daphne's looking at all the others
            logger.exception("A socket could not be looked at.")

    def _look_at_silence(self) -> None:
        silent = time.monotonic() - self._counted_at
        quiet = time.monotonic() - min(self._counted_at, self._said_at)
        if self.state == self.STATE_CONNECTING and silent > self.server.websocket_connect_timeout:
            self.serverReject()
        elif self.state == self.STATE_OPEN and silent > SILENT_SECONDS:
            self.dropConnection(abort=True)
        elif self.state == self.STATE_OPEN and quiet > QUIET_SECONDS and self._asked_at < self._counted_at:
            self._asked_at = time.monotonic()
            self.sendData(ASK)

    def processData(self) -> bool:
        if self.current_frame is None and self.state == self.STATE_OPEN and self._has_to_wait():
            return False
        return bool(super().processData())

    def dataReceived(self, data: bytes) -> None:
        # Idle pages say nothing else. Taken here, a thousand of them cost a third of the way to the page's socket.
        is_pong = _is_pong(data)
        if (is_pong or _is_ping(data)) and self._is_between_messages() and not self._has_to_wait():
            if not is_pong:
                self.sendData(PONG)
        else:
            self._dataReceived(data)  # autobahn's own only adds a line of log that is made though nobody reads it

    def _is_between_messages(self) -> bool:
        is_between = self.current_frame is None and not self.inside_message and not self.data
        return bool(is_between and self.state == self.STATE_OPEN)

    def onMessageBegin(self, isBinary: bool) -> None:
        self._fragments = 0
        super().onMessageBegin(isBinary)

    def onMessageFrameBegin(self, length: int) -> None:
        super().onMessageFrameBegin(length)
        self._fragments += 1
        if self.message_data_total_length > MOST_FRAME_BYTES or self._fragments > MOST_FRAGMENTS:
            self._max_message_size_exceeded(self.message_data_total_length, MOST_FRAME_BYTES, "too long")

    def sendData(self, data: bytes, sync: bool = False, chopsize: int | None = None) -> None:
        self._said_at = time.monotonic()
        if sync or chopsize or self.send_queue:
            super().sendData(data, sync, chopsize)
        else:
            write(self.transport, data)
        if unread_bytes(self.transport) > MOST_UNREAD_BYTES:
            # Not a close, which would wait behind all of it: only this lets go of the memory.
            self.dropConnection(abort=True)

    def _has_to_wait(self) -> bool:
        """Counts one frame that is to be taken. Where it has to wait, it stays where it is, and what follows in TCP."""
        if self._is_paused:
            return True
        now = time.monotonic()
        self._tokens = min(BURST, self._tokens + (now - self._counted_at) * FRAMES_PER_SECOND)
        self._counted_at = now
        if self._tokens >= 1 and self.application_queue.qsize() < MOST_WAITING:
            self._tokens -= 1
            return False
        self._is_paused = True
        self.transport.pauseProducing()
        asyncio.get_running_loop().call_later(PAUSE_SECONDS, self._go_on)
        return True

    def _go_on(self) -> None:
        self._is_paused = False
        if self.state != self.STATE_CLOSED:
            self.transport.resumeProducing()
            self.consumeData()


class PunctualChannel(MeasuredChannel, EndingChannel):
    """A connection that asks for pages, or for a socket."""

    def connectionMade(self) -> None:
        self.timeOut = self.headers_seconds
        super().connectionMade()

    @property
    def headers_seconds(self) -> float:
        return HEADER_SECONDS


def write(transport: Any, data: bytes) -> None:
    """At once where nothing waits: Twisted would ask the loop first whether it may, with three system calls for one."""
    if _is_bare(transport) and not unread_bytes(transport):
        sent = transport.writeSomeData(data)
        if sent == len(data):
            return
        if isinstance(sent, int) and sent > 0:
            data = data[sent:]
    transport.write(data)  # and any error is found there


def _is_bare(transport: Any) -> bool:
    """Whether bytes go into a socket as they are, and it takes some. TLS hands on all names of what it wraps."""
    is_tcp = isinstance(transport, Connection) and not transport.TLS
    return is_tcp and bool(transport.connected) and not (transport.disconnecting or transport._writeDisconnected)


def unread_bytes(transport: Any) -> int:
    """What Twisted still holds for the client. It says so to nobody; where it is kept has not changed in 15 years."""
    try:
        return int(len(transport.dataBuffer) - transport.offset + transport._tempDataLen)
    except AttributeError:
        return 0


def _is_ping(data: bytes) -> bool:
    """Whether these bytes are one whole frame, masked as a browser does it, with a page's ping and nothing else."""
    if len(data) != 6 + len(PING) or data[0] != 0x81 or data[1] != 0x80 | len(PING):
        return False
    mask = (data[2:6] * 4)[: len(PING)]
    return int.from_bytes(data[6:]) ^ int.from_bytes(mask) == int.from_bytes(PING)


def _is_pong(data: bytes) -> bool:
    """Whether these bytes are one whole frame, masked, that answers a ping which said nothing."""
    return len(data) == 6 and data[0] == 0x8A and data[1] == 0x80


def seldom(check: Callable[[Any], None]) -> Callable[[Any], None]:
    """The same, but not every second: looking at a thousand idle sockets costs as much as what they say."""

    def look(server: Any) -> None:
        reactor.callLater(LOOKS_PAUSE_SECONDS, check_and_go_on, server)  # type: ignore[arg-type]

    def check_and_go_on(server: Any) -> None:
        try:
            check(server)  # which comes again by itself, unless it fails: then nothing would ever end again
        except Exception:
            logger.exception("The connections could not be looked at.")
            look(server)

    return look


def plainly(_logger: Any, act: Callable[..., None], *arguments: Any) -> None:
    """Twisted keeps in mind whose turn it is, for lines of a log that nobody reads: a sixth of what a ping costs.

    Errors go into that log all the same: a refused handshake ends in one of daphne's, each time.
    """
    try:
        act(*arguments)
    except Exception:
        log.err()  # type: ignore[no-untyped-call]


def bind() -> None:
    """From now on daphne makes its connections of these."""
    asyncioreactor.callWithLogger = plainly  # type: ignore[attr-defined]
    WebSocketFactory.protocol = BoundedSocket
    HTTPFactory.protocol = PunctualChannel
    bare_answers.bind()
    Server.kill_all_applications = drain
    Server.create_application = telling(Server.create_application)
    Server.application_checker = seldom(Server.application_checker)
    Server.timeout_checker = seldom(Server.timeout_checker)
