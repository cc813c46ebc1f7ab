"""Every declared kind of frame, with every kind of nonsense in every field of it.

The kinds are taken from the registry and the fields from the tables of the access matrix, which must name each: what an
app declares tomorrow is attacked here without a word more.
"""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from communities.models import Membership, Room
from core import limits, streams
from core.streams import Asked, Refused
from messaging.models import Message
from tests import factories
from tests.abuse.raw import TEXT, frame, raw_page
from tests.realtime.talking import act, session, written
from tests.servers import Server

pytestmark = pytest.mark.xdist_group("abuse")
over_the_wire = pytest.mark.django_db(transaction=True)

PONG = b'{"type": "pong"}'
NO_ID = "00000000-0000-4000-8000-000000000000"
NONSENSE: list[Any] = [
    None,
    True,
    0,
    -1,
    2**31,
    2**63,
    -(2**63) - 1,
    10**400,
    0.5,
    1e308,
    float("nan"),
    float("inf"),
    "",
    " ",
    "\x00",
    "\x00" * 36,
    "\ud800",
    "\udfff" * 36,
    "\u202e\u2066",
    "a" * 40,
    "x" * 10_000,
    NO_ID,
    NO_ID.upper(),
    "{" + NO_ID[1:-1] + "}",
    "urn:uuid:" + NO_ID[9:],
    "٠" * 36,  # digits, as Python sees them
    "' OR 1=1 --",
    "../" * 12,
    "%00",
    [],
    [NO_ID],
    [[[[[]]]]],
    {},
    {"": NO_ID},
    {"pk": 1, "__class__": "x"},
]
#: Fields of which an honest page knows; a declared function may read others, which are found.
HONEST = ("room", "community", "client_id", "text", "sequence", "bytes")


class Read(dict[str, Any]):
    """A frame that knows which of its fields were read."""

    def __init__(self, words: dict[str, Any]) -> None:
        super().__init__(words)
        self.fields: set[str] = set()

    def get(self, field: str, default: Any = None) -> Any:
        self.fields.add(field)
        return super().get(field, default)

    def __getitem__(self, field: str) -> Any:
        self.fields.add(field)
        return super().__getitem__(field)

    def __contains__(self, field: object) -> bool:
        self.fields.add(str(field))
        return super().__contains__(field)


def kinds() -> list[dict[str, Any]]:
    """One frame of each declared kind, with nothing in it yet."""
    subscribing = [{"type": "subscribe", "stream": kind} for kind in sorted(streams.subscriptions)]
    asking = [{"type": kind} for kind in sorted({*streams.handlers, *streams.batch_handlers})]
    return [*subscribing, *asking, {"type": "received"}, {"type": "sign"}]


def right(hall: Room) -> dict[str, Any]:
    """Fields as an honest page fills them: nonsense in one of them then meets code behind the first check."""
    return {
        "room": str(hall.pk),
        "community": hall.community.slug,
        "client_id": str(uuid.uuid4()),
        "text": "hello",
        "sequence": 1,
        "bytes": 1,
    }


def spoilt(user_id: str, hall: Room) -> Iterator[dict[str, Any]]:
    """Each declared kind, with nonsense in each field that is read of an honest frame."""
    for kind in kinds():
        honest = Read({**right(hall), **kind})
        safely(user_id, honest)
        for field in sorted(honest.fields - {"type", "stream"}):
            for value in NONSENSE:
                yield {**right(hall), **kind, field: value}


def ask(user_id: str, words: dict[str, Any]) -> Any:
    """As the socket would, without the socket's own answer to an error."""
    kind = words["type"]
    if kind == "subscribe":
        subscription = streams.subscriptions[words["stream"]](user_id, words)
        return subscription and dict(subscription.answer())
    if kind in streams.batch_handlers:
        return streams.batch_handlers[kind]([Asked(user_id, words, "en")])[0]
    if kind in streams.handlers:
        return streams.handlers[kind](user_id, words)
    return None


def safely(user_id: str, words: dict[str, Any]) -> Any:
    try:
        return ask(user_id, words)
    except Refused as refusal:
        return refusal


@pytest.mark.django_db
def test_nonsense_in_one_field_is_refused_or_overlooked_and_never_an_error(mel: Membership, hall: Room) -> None:
    tried: set[tuple[str, str]] = set()
    for words in spoilt(str(mel.user_id), hall):
        limits._seen.clear()
        safely(str(mel.user_id), words)
        tried.add((words["type"], words.get("stream", "")))
    assert {kind["type"] for kind in kinds()} - {"received", "sign"} <= {kind for kind, _stream in tried}
    assert ("post", "") in tried
    assert set(Message.objects.values_list("author_id", flat=True)) <= {mel.pk}


values = st.recursive(
    st.sampled_from(NONSENSE) | st.text() | st.integers() | st.floats() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.django_db
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
@given(words=st.dictionaries(st.sampled_from(HONEST), values, max_size=6), place=st.integers(0, 99))
def test_any_fields_at_all_are_never_an_error(mel: Membership, words: dict[str, Any], place: int) -> None:
    kind = kinds()[place % len(kinds())]
    safely(str(mel.user_id), {**words, **kind})


@over_the_wire
async def test_the_same_over_the_wire_is_answered_with_words(watched: Server, mel: Membership, hall: Room) -> None:
    """Some of it, as each person may only send so much in a while; answered, or passed over in silence."""
    for kind in kinds():
        member = await act(factories.member, hall.community, " ".join(kind.values()))
        async with raw_page(watched, await session(member)) as raw:
            for number, value in enumerate(NONSENSE):
                words = {**right(hall), HONEST[number % len(HONEST)]: value, **kind}
                await raw.send(frame(json.dumps(words)))
                await raw.say(type="ping")
                while (came := await raw.next())[1] != PONG:
                    assert came[0] == TEXT
                    assert isinstance(json.loads(came[1]), dict | list)


@over_the_wire
async def test_what_a_frame_says_about_itself_is_not_believed(
    watched: Server, ada: Membership, mel: Membership, hall: Room
) -> None:
    """Who wrote it, when, and as the how-manieth, is for the server to say."""
    client_id = str(uuid.uuid4())
    async with raw_page(watched, await session(mel)) as raw:
        await raw.say(
            type="post",
            room=str(hall.pk),
            client_id=client_id,
            text="mine",
            author=str(ada.pk),
            author_id=str(ada.pk),
            user_id=str(ada.user_id),
            membership=str(ada.pk),
            id=NO_ID,
            sequence=1000,
            change=1000,
            created_at="1970-01-01T00:00Z",
            html="<script>alert(1)</script>",
            retry_key="x",
            language="xx",
        )
        posted = await raw.hear("posted")
    message = await Message.objects.aget()
    assert (message.author_id, message.sequence, message.change) == (mel.pk, 1, 1)
    assert (posted["sequence"], posted["id"]) == (1, str(message.pk))
    assert message.created_at.year > 2000
    assert "script" not in message.html
    assert message.pk != uuid.UUID(NO_ID)


@over_the_wire
async def test_a_room_of_another_community_stays_closed_whatever_stands_beside_it(
    watched: Server, mel: Membership, hall: Room, attic: Room
) -> None:
    """One's own community's name beside a room of another; a hidden room; ids of other things."""

    def elsewhere() -> Room:
        return factories.room(factories.community("harbour"), "Dock")

    dock = await act(elsewhere)
    secret = await written(await act(factories.member, dock.community, "Dora"), dock, "not for mel")
    answers = []
    async with raw_page(watched, await session(mel)) as raw:
        for room in (dock.pk, attic.pk, secret.pk, mel.pk, mel.user_id, dock.community_id, uuid.uuid4()):
            for words in sends(str(room), hall.community.slug):
                await raw.say(**words)
                if words["type"] != "read":
                    refused = await raw.hear("refused")
                    answers.append((words["type"], refused["reason"]))
    assert len(set(answers)) == 2, "an answer differs from that for a room that does not exist"
    assert await Message.objects.acount() == 1


def sends(room: str, slug: str) -> list[dict[str, Any]]:
    return [
        {"type": "subscribe", "stream": "room", "room": room, "community": slug},
        {"type": "post", "room": room, "community": slug, "client_id": str(uuid.uuid4()), "text": "hello"},
        {"type": "read", "room": room, "sequence": 1},
    ]


@over_the_wire
async def test_a_lie_about_what_was_received_counts_for_nothing(watched: Server, mel: Membership) -> None:
    async with raw_page(watched, await session(mel)) as raw:
        claims: list[Any] = [-1, 10**30, 1.5, "9", None, True, [1], {}]
        for claimed in claims:
            await raw.say(type="received", bytes=claimed)
        await raw.say(type="received")
        assert await raw.lives()
