"""A socket that has left stays gone, and what was meant for it goes nowhere else."""

import json
from typing import Any

import pytest
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.testing import StringTransport
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory

from communities.models import Membership, Room
from messaging.live import room_stream
from realtime import holding, wire
from realtime.holding import Holding
from realtime.hub import start_hub
from realtime.news import Bundle, Envelope
from tests.realtime.held import held


@pytest.mark.django_db(transaction=True)
async def test_who_left_while_asked_is_not_kept(mel: Membership, hall: Room) -> None:
    async with held(mel) as page:
        await page.enter(hall)
        await page.hear("subscribed")
        hub, socket = start_hub(), page.socket
        assert socket in hub.by_stream[room_stream(hall.pk)]
    # As where the bus lost something, and the answer came when the page was closed.
    await socket.tell_again()
    hub.subscribe(socket, {room_stream(hall.pk): 0})
    assert room_stream(hall.pk) not in hub.by_stream


class Wrapped(StringTransport):
    """What a transport with TLS wraps: bytes that are written here go out as they are."""

    dataBuffer, offset, _tempDataLen, connected, disconnecting, TLS = b"", 0, 0, True, False, False

    def writeSomeData(self, data: bytes) -> int:
        raise AssertionError("past the encryption")


def test_nothing_is_written_past_an_encryption() -> None:
    inner: Any = Protocol()
    wrapper: Any = ProtocolWrapper(WrappingFactory(Factory.forProtocol(Protocol)), inner)  # type: ignore[no-untyped-call]
    wrapper.makeConnection(Wrapped())  # type: ignore[no-untyped-call]
    wire.write(wrapper, b"secret words")
    assert wrapper.transport.value() == b"secret words"


@pytest.mark.django_db(transaction=True)
async def test_what_waits_for_an_answer_has_an_end(mel: Membership, hall: Room) -> None:
    async with held(mel) as page:
        await page.enter(hall)
        await page.hear("subscribed")
        keep, frame = Holding(), json.dumps({"type": "message"})

        async def answer() -> None:
            for number in range(1, holding.MOST_WAITING * 3):
                assert keep.takes(page.socket, Bundle([Envelope(room_stream(hall.pk), {"": frame}, number)]))

        await keep.while_asked(page.socket, answer())
        heard = [json.loads(page.said.get_nowait()["text"])["type"] for _ in range(page.said.qsize())]
        assert heard == ["subscribed"], "how far things are, and nothing of what waited too long"
        assert not keep.held
