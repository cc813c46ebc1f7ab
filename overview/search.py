"""Rooms, people and messages that somebody looks for, among what they may read."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Q
from django.utils import timezone

from communities.models import Membership, Room
from messaging.finding import NOW, Place, Said, newest
from messaging.models import Message
from messaging.querysets import history_start
from messaging.words import pieces_of
from overview.typed import Term

#: Nobody wrote before or will write after; and the very first and last days have no midnight in other zones.
_FIRST_DAY, _LAST_DAY = date(1970, 1, 2), date(3000, 1, 1)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_ID = uuid.UUID(int=0)


@dataclass(slots=True)
class Query:
    """What is looked for. Without words it is all that was written there, by them, then."""

    terms: Sequence[Term] = ()
    is_going_on: bool = False
    #: Beginnings of names, all of the one who wrote.
    senders: Sequence[str] = ()
    #: None: in all the viewer's rooms.
    rooms: list[Room] | None = None
    before: date | None = None
    after: date | None = None

    @property
    def words(self) -> str:
        return " ".join(term.text for term in self.terms)

    @property
    def has_filters(self) -> bool:
        return bool(self.senders or self.before or self.after) or self.rooms is not None

    @property
    def is_one_letter(self) -> bool:
        """The first one of a word that somebody begins to type: nearly every message has one like it."""
        return self.is_going_on and not self.has_filters and len(self.words) == 1 and bool(pieces_of(self.words))

    def __bool__(self) -> bool:
        return bool(self.terms) or self.has_filters


@dataclass(slots=True)
class Found:
    messages: list[Message] = field(default_factory=list)
    #: Where the next, older ones begin: the last one shown.
    older: Place | None = None


def find_messages(
    viewer: Membership, rooms: Sequence[Room], query: Query, *, most: int, place: Place | None = None
) -> Found:
    """Newest first, at most `most`, from after `place` on. Five queries at most, whatever is found.

    Shape: `rooms` as `rooms_of` gives them; whatever they are, the viewer finds nothing that they may not read.
    """
    within = {room.pk: room for room in (rooms if query.rooms is None else query.rooms)}
    if not within or not query:
        return Found()
    last = len(query.terms) - 1
    places = newest(
        {room.pk: _start(viewer, room, query.after) for room in within.values()},
        [Said(term.text, query.is_going_on and number == last) for number, term in enumerate(query.terms)],
        authors=_authors(viewer, query.senders) if query.senders else None,
        before=min(place or NOW, (_midnight(query.before), _FIRST_ID) if query.before else NOW),
        most=most + 1,
    )
    shown = [message for _, message in places[:most]]
    messages = (
        Message.objects.visible_to(viewer).filter(pk__in=shown, deleted_at=None) if shown else Message.objects.none()
    )
    found = Found(list(messages.as_shown().order_by("-created_at", "-pk")))
    found.older = places[most - 1] if len(places) > most else None
    for message in found.messages:
        message.room = within[message.room_id]
    return found


def _start(viewer: Membership, room: Room, after: date | None) -> datetime:
    """From when on there can be anything. A room that does not say when the viewer was chosen may say too much."""
    history = history_start(viewer, room) if hasattr(room, "chosen_at") else None
    return max(history or _BEGINNING, _midnight(after, 1) if after else _BEGINNING)


def _authors(viewer: Membership, names: Iterable[str]) -> list[uuid.UUID]:
    """Who is called so, also those who left: whether one may read what they wrote is asked of the messages."""
    people = Membership.objects.filter(community=viewer.community_id).exclude(display_name="")
    for name in names:
        people = people.filter(_named(name))
    return list(people.values_list("pk", flat=True))


def _midnight(day: date, days_on: int = 0) -> datetime:
    day = min(max(day, _FIRST_DAY), _LAST_DAY) + timedelta(days=days_on)
    return datetime.combine(day, time(), timezone.get_current_timezone()).astimezone(UTC)


def find_people(viewer: Membership, words: str, *, most: int) -> list[Membership]:
    """Those of whom a word of the name begins so. One query."""
    if not words:
        return []
    people = Membership.objects.visible_to(viewer).presented().filter(_named(words))
    return list(people.order_by("display_name")[:most])


def _named(words: str) -> Q:
    return Q(display_name__istartswith=words) | Q(display_name__icontains=f" {words}")


def find_rooms(rooms: Iterable[Room], words: str) -> list[Room]:
    """Those of which a word of the name begins so; first the one that has this very name."""
    words = words.casefold()
    named = [room for room in rooms if f" {words}" in f" {room.name.casefold()}"]
    return sorted(named, key=lambda room: room.name.casefold() != words)
