"""The newest messages of many rooms at once: for pages that look at all of them."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet

from communities.models import Membership, Room
from messaging.markdown import plain
from messaging.models import Message
from messaging.querysets import MessageQuerySet, history_of, read_before

#: How many of a room's newest messages are looked at for who wrote.
MOST_LOOKED_AT = 20

#: How many people of a room stand there by face; the others are a number.
MOST_FACES = 3
LONGEST_GLIMPSE = 240

Latest = dict[uuid.UUID, list[Message]]


@dataclass(slots=True)
class Talk:
    """Who wrote in a room lately, and the last words."""

    #: Newest first.
    people: list[Membership]
    #: How many wrote besides those.
    others: int
    last: Message
    #: When the first of what was looked at was written.
    began_at: datetime

    @classmethod
    def of(cls, messages: list[Message]) -> "Talk":
        """Shape: at least one, newest first."""
        people = list({message.author_id: message.author for message in messages}.values())
        return cls(people[:MOST_FACES], len(people[MOST_FACES:]), messages[0], messages[-1].created_at)

    @property
    def glimpse(self) -> str:
        words = plain(self.last.html)
        return words if len(words) <= LONGEST_GLIMPSE else words[:LONGEST_GLIMPSE].rstrip() + " …"


def latest(viewer: Membership, rooms: Iterable[Room]) -> Latest:
    """Each room's newest messages within the viewer's history, newest first. Two queries, whatever their number.

    Shape: rooms the viewer may enter, as `rooms_of` gives them.
    """
    return _latest({room.pk: room for room in rooms}, _in_room(viewer))


def latest_news(viewer: Membership, rooms: Iterable[Room], began_at: datetime) -> Latest:
    """The same of what others wrote that the viewer had not read when the visit began at `began_at`."""
    before = read_before(viewer, OuterRef(OuterRef("pk")), began_at)
    news = _in_room(viewer).filter(sequence__gt=before).exclude(author=viewer)
    return _latest({room.pk: room for room in rooms}, news)


def _in_room(viewer: Membership) -> "QuerySet[Message]":
    messages: MessageQuerySet = Message.objects.filter(room=OuterRef("pk"), deleted_at=None)
    return messages.filter(history_of(viewer))


def _latest(rooms: Mapping[uuid.UUID, Room], messages: "QuerySet[Message]") -> Latest:
    newest = ArraySubquery(messages.order_by("-sequence").values("pk")[:MOST_LOOKED_AT])
    found = Room.objects.filter(pk__in=rooms).order_by().annotate(newest=newest).values_list("newest", flat=True)
    ids = [message for of_room in found for message in of_room]
    by_room: Latest = {room: [] for room in rooms}
    for message in Message.objects.filter(pk__in=ids).as_shown().order_by("-sequence"):
        message.room = rooms[message.room_id]
        by_room[message.room_id].append(message)
    return by_room
