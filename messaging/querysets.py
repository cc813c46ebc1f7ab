"""What one may read."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Case, Exists, F, FilteredRelation, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from communities.models import Room, RoomMember

if TYPE_CHECKING:
    from communities.models import Membership
    from communities.querysets import RoomQuerySet
    from messaging.models import Message  # noqa: F401  # named in quotes below


def history_of(viewer: "Membership") -> Q:
    """Which messages of rooms the viewer may enter lie within their history.

    Guests and newcomers see what came since they joined (a room of chosen members: since they were chosen), unless
    the room shows everything; guests never see more.
    """
    since_chosen = Exists(
        RoomMember.objects.filter(room=OuterRef("room"), membership=viewer, added_at__lte=OuterRef("created_at"))
    )
    if viewer.role.is_guest:
        return Q(since_chosen)
    return (
        Q(room__history=Room.History.ALL)
        | Q(room__access=Room.Access.ALL, created_at__gte=viewer.joined_at)
        | Q(Q(room__access=Room.Access.CHOSEN), since_chosen)
    )


def history_start(viewer: "Membership", room: Room) -> datetime | None:
    """The same for one room, from when on; None where everything is shown.

    Shape: the room comes from `Room.objects.visible_to(viewer).with_chosen_at(viewer)`.
    """
    chosen_at: datetime | None = getattr(room, "chosen_at", None)
    if viewer.role.is_guest:
        return chosen_at or viewer.joined_at
    if room.history == Room.History.ALL:
        return None
    return viewer.joined_at if room.access == Room.Access.ALL else chosen_at or viewer.joined_at


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, viewer: "Membership") -> "MessageQuerySet":
        """Messages of rooms the viewer may enter, as far back as their history reaches."""
        rooms = Room.objects.visible_to(viewer)
        return self.filter(room__in=rooms).filter(history_of(viewer))

    def in_history_of(self, viewer: "Membership", room: Room) -> "MessageQuerySet":
        """The same for one room that is known to be open to the viewer, without asking for the room again.

        Shape: the room comes from `Room.objects.visible_to(viewer).with_chosen_at(viewer)`.
        """
        return self.since(room.pk, history_start(viewer, room))

    def since(self, room: uuid.UUID, start: datetime | None) -> "MessageQuerySet":
        """A room's messages from a moment on; without one all of them."""
        messages = self.filter(room=room)
        return messages if start is None else messages.filter(created_at__gte=start)

    def with_authors(self) -> "MessageQuerySet":
        return self.select_related("author")

    def as_shown(self) -> "MessageQuerySet":
        """With authors, and of both only what a page shows: a page reads fifty of them."""
        own = ("room", "author", "sequence", "change", "html", "created_at", "edited_at", "deleted_at")
        return self.with_authors().only(*own, "author__display_name", "author__profile_version", "author__picture")


class MessageManager(models.Manager.from_queryset(MessageQuerySet)):  # type: ignore[misc]
    """Reads messages without what only the search looks at: it is as long as the text three times over."""

    def get_queryset(self) -> MessageQuerySet:
        messages: MessageQuerySet = super().get_queryset().defer("words")
        return messages


def with_numbers(rooms: "models.QuerySet[Room]", viewer: "Membership") -> "models.QuerySet[Room]":
    """Adds the room's newest `change`, and the viewer's `last_read` and `read_at`; None where there is none yet."""
    mine = FilteredRelation("read_marks", condition=Q(read_marks__membership=viewer))
    return rooms.annotate(
        mine=mine, change=F("log__change"), last_read=F("mine__last_sequence"), read_at=F("mine__read_at")
    )


def with_visit(rooms: "RoomQuerySet", viewer: "Membership", began_at: datetime) -> "RoomQuerySet":
    """Adds `had_news`: whether others wrote there what the viewer had not read when the visit began at `began_at`."""
    from messaging.models import Message

    others = Message.objects.filter(room=OuterRef("pk"), deleted_at=None)
    others = others.filter(sequence__gt=read_before(viewer, OuterRef(OuterRef("pk")), began_at))
    return rooms.annotate(had_news=Exists(others.filter(history_of(viewer)).exclude(author=viewer).order_by()))


def read_before(viewer: "Membership", room: OuterRef, began_at: datetime) -> Coalesce:
    """Up to where the viewer had read a room when the visit began, as an expression."""
    from messaging.models import ReadMark

    marks = ReadMark.objects.filter(membership=viewer, room=room)
    start = Case(When(read_at__gte=began_at, then=F("before_sequence")), default=F("last_sequence"))
    return Coalesce(Subquery(marks.values(start=start)[:1]), Value(0))


def first_visible_sequence(viewer: "Membership", room: Room) -> int:
    """The number of the oldest message the viewer may see; 0 where everything, newest + 1 where nothing yet.

    Shape: the room comes from `Room.objects.visible_to(viewer).with_chosen_at(viewer)`.
    """
    start = history_start(viewer, room)
    if start is None:
        return 0
    # Read before: what is written in between is newer than this, and theirs to see.
    newest = room.messages.order_by("-sequence").values_list("sequence", flat=True).first() or 0
    later = room.messages.filter(created_at__gte=start).order_by("created_at").values_list("sequence", flat=True)
    first = later.first()
    return newest + 1 if first is None else first


def rooms_with_news(viewer: "Membership") -> "RoomQuerySet":
    """The rooms one may see, each with `is_unread`: whether others wrote there since one last read.

    Constant: one query, whatever the number of rooms.
    """
    from messaging.models import Message, ReadMark

    mark = ReadMark.objects.filter(membership=viewer, room=OuterRef(OuterRef("pk")))
    unread = (
        Message.objects.filter(room=OuterRef("pk"), deleted_at=None)
        .filter(sequence__gt=Coalesce(Subquery(mark.values("last_sequence")[:1]), Value(0)))
        .filter(history_of(viewer))
        .exclude(author=viewer)
        .order_by()
    )
    return Room.objects.visible_to(viewer).annotate(is_unread=Exists(unread))
