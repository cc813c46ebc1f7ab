"""Rooms, people and messages that somebody looks for, among what they may read."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from operator import and_

from django.db.models import Q
from django.utils import timezone

from communities.models import Membership, Room
from messaging.models import Message
from messaging.querysets import MessageQuerySet
from messaging.words import in_rooms, saying
from overview.typed import Term

#: Nobody wrote before or will write after; and the very first and last days have no midnight in other zones.
_FIRST_DAY, _LAST_DAY = date(1970, 1, 2), date(3000, 1, 1)
#: Where the next, older ones begin: the last one shown.
Place = tuple[datetime, uuid.UUID]


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

    def __bool__(self) -> bool:
        return bool(self.terms) or self.has_filters


@dataclass(slots=True)
class Found:
    messages: list[Message] = field(default_factory=list)
    older: Place | None = None


def find_messages(
    viewer: Membership, rooms: Sequence[Room], query: Query, *, most: int, place: Place | None = None
) -> Found:
    """Newest first, at most `most`, from after `place` on. One query.

    Shape: `rooms` as `rooms_of` gives them; whatever they are, the viewer finds what they may read.
    """
    within = {room.pk: room for room in (rooms if query.rooms is None else query.rooms)}
    if not within or not query:
        return Found()
    found = _matching(Message.objects.visible_to(viewer).filter(deleted_at=None), query, within)
    if place is not None:
        at, last = place
        found = found.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=last))
    messages = list(found.as_shown().order_by("-created_at", "-pk")[: most + 1])
    for message in messages:
        message.room = within[message.room_id]
    shown = messages[:most]
    return Found(shown, (shown[-1].created_at, shown[-1].pk) if len(messages) > most else None)


def _matching(messages: MessageQuerySet, query: Query, rooms: Iterable[uuid.UUID]) -> MessageQuerySet:
    rooms = list(rooms)
    messages = messages.filter(room__in=rooms)
    if query.terms:
        last = len(query.terms) - 1
        said = [
            saying(term.text, is_phrase=term.is_phrase, is_begun=query.is_going_on and number == last)
            for number, term in enumerate(query.terms)
        ]
        messages = messages.filter(words=reduce(and_, [in_rooms(rooms), *said]))
    for name in query.senders:
        messages = messages.filter(_named(name, "author__display_name"))
    if query.before:
        messages = messages.filter(created_at__lt=_midnight(query.before))
    if query.after:
        messages = messages.filter(created_at__gte=_midnight(query.after, 1))
    return messages


def _midnight(day: date, days_on: int = 0) -> datetime:
    day = min(max(day, _FIRST_DAY), _LAST_DAY) + timedelta(days=days_on)
    return datetime.combine(day, time(), timezone.get_current_timezone()).astimezone(UTC)


def find_people(viewer: Membership, words: str, *, most: int) -> list[Membership]:
    """Those of whom a word of the name begins so. One query."""
    if not words:
        return []
    people = Membership.objects.visible_to(viewer).exclude(display_name="").filter(_named(words, "display_name"))
    return list(people.order_by("display_name")[:most])


def _named(words: str, column: str) -> Q:
    return Q(**{f"{column}__istartswith": words}) | Q(**{f"{column}__icontains": f" {words}"})


def find_rooms(rooms: Iterable[Room], words: str) -> list[Room]:
    """Those of which a word of the name begins so; first the one that has this very name."""
    words = words.casefold()
    named = [room for room in rooms if f" {words}" in f" {room.name.casefold()}"]
    return sorted(named, key=lambda room: room.name.casefold() != words)
