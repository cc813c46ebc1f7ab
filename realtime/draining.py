"""How a web process ends: nobody new, what was asked is answered, sockets are told to go elsewhere.

Daphne would cancel everything at once. A form that is sent while a process is exchanged for another is then lost to
whoever has no scripts, though it may have been done; and where a connection says nothing yet, daphne's own end fails.
"""

import asyncio
import logging
from collections.abc import Iterable
from typing import Any, ClassVar
from weakref import WeakSet

from daphne.ws_protocol import WebSocketProtocol
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.tcp import Port
from twisted.web.http import HTTPChannel

logger = logging.getLogger(__name__)

#: For pages that are being made. Who stops us waits 10 s altogether (operations/keeper.py, docker-compose.yml).
ANSWER_SECONDS = 6
#: For what is cut off then, and for sockets to be closed.
CLOSE_SECONDS = 2
#: Pages come again by themselves, at another process or at the next one.
STOPPING = 4503

#: Who connected just before says within this time what they want.
ASK_SECONDS = 0.2


class EndingChannel(HTTPChannel):
    """A connection for pages, which knows whether anything more may be asked over it."""

    _open: ClassVar["WeakSet[EndingChannel]"] = WeakSet()
    _is_last_time: ClassVar[bool] = False
    _has_answered = False

    def connectionMade(self) -> None:
        self._open.add(self)
        super().connectionMade()  # type: ignore[no-untyped-call]

    def checkPersistence(self, request: Any, version: bytes) -> bool:
        if not self._is_last_time:
            return bool(super().checkPersistence(request, version))  # type: ignore[no-untyped-call]
        request.responseHeaders.setRawHeaders(b"Connection", [b"close"])
        return False

    def requestDone(self, request: Any) -> None:
        self._has_answered = True
        super().requestDone(request)  # type: ignore[no-untyped-call]

    @classmethod
    def end_all(cls) -> None:
        """Those between two pages are closed; what is being asked or answered over the others is the last."""
        cls._is_last_time = True
        for channel in list(cls._open):
            channel.persistent = False
            if channel._has_answered and not channel.requests:
                channel.loseConnection()  # type: ignore[no-untyped-call]


def drain(server: Any) -> "Deferred[None]":
    """In place of daphne's `kill_all_applications`: the process ends when this is done, or at a second signal."""
    return Deferred.fromFuture(asyncio.ensure_future(_drain(server)))


async def _drain(server: Any) -> None:
    try:
        _close_doors()
        for connection in list(server.connections):
            if isinstance(connection, WebSocketProtocol) and connection.state == connection.STATE_OPEN:
                connection.sendClose(code=STOPPING)
        await asyncio.sleep(ASK_SECONDS)
        await _done(_pages(server), seconds=ANSWER_SECONDS)
        left = _applications(server.connections.values())
        for application in left:
            application.cancel()
        await _done(left, seconds=CLOSE_SECONDS)
    except Exception:  # the end comes all the same
        logger.exception("The web process could not end in order.")


def _close_doors() -> None:
    """Who has connected is still let in, who comes now finds another process; no connection is used once more."""
    loop: Any = reactor
    for port in loop.getReaders():
        if isinstance(port, Port):
            port.doRead()  # type: ignore[no-untyped-call]
            port.stopListening()  # type: ignore[no-untyped-call]
    EndingChannel.end_all()


def _pages(server: Any) -> list["asyncio.Future[Any]"]:
    is_page = {connection: not isinstance(connection, WebSocketProtocol) for connection in server.connections}
    return _applications(details for connection, details in server.connections.items() if is_page[connection])


def _applications(connections: Iterable[dict[str, Any]]) -> list["asyncio.Future[Any]"]:
    """What still runs. A connection that has asked for nothing yet has no application."""
    found = [details.get("application_instance") for details in connections]
    return [application for application in found if application and not application.done()]


async def _done(applications: Iterable["asyncio.Future[Any]"], *, seconds: float) -> None:
    waiting = list(applications)
    if waiting:
        await asyncio.wait(waiting, timeout=seconds)
