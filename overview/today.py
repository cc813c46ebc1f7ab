"""What is new since the last visit, and what of it has been read: a list that ends."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from communities.actions import known_visit
from communities.models import Membership, Room
from messaging.latest import Talk, latest_news


@dataclass(slots=True)
class Item:
    """One room with news: who wrote, the last words, when."""

    room: Room
    is_read: bool
    talk: Talk

    @property
    def mark(self) -> str:
        """What "read" means for whoever sees this item: up to the last words it shows."""
        return f"{self.room.pk}:{self.talk.last.sequence}"


@dataclass(slots=True)
class Today:
    since: datetime
    is_first_visit: bool
    items: list[Item] = field(default_factory=list)

    @property
    def unread(self) -> list[Item]:
        return [item for item in self.items if not item.is_read]

    @property
    def total(self) -> int:
        return len(self.items)

    @property
    def left(self) -> int:
        return len(self.unread)

    @property
    def is_all_since(self) -> bool:
        """Whether nothing of it is older than the last visit: what was left unread then may be."""
        return all(item.talk.began_at >= self.since for item in self.items)

    @property
    def done(self) -> int:
        return self.total - self.left


def rooms_with_arcs(rooms: list[Room]) -> tuple[list[Room], list[Room]]:
    """Of the rooms those that are unread, and those that were in this visit. Shape: rooms from `rooms_of`."""
    unread = [room for room in rooms if room.is_unread]  # type: ignore[attr-defined]
    read = [room for room in rooms if room.had_news and not room.is_unread]  # type: ignore[attr-defined]
    return unread, read


def today(viewer: Membership, rooms: list[Room]) -> Today:
    """What is new for this member, in the community's order, first what is unread.

    Shape: rooms from `rooms_of(viewer)`. Two queries more, whatever their number.
    """
    unread, read = rooms_with_arcs(rooms)
    visit = known_visit(viewer)
    began_at, since = (visit.began_at, visit.since) if visit else (timezone.now(), viewer.joined_at)
    found = latest_news(viewer, [*unread, *read], began_at) if unread or read else {}
    page = Today(since, is_first_visit=since <= viewer.joined_at)
    # A message may be deleted between two queries: a room that has nothing any more is no item.
    page.items = [Item(room, room in read, Talk.of(found[room.pk])) for room in [*unread, *read] if found[room.pk]]
    return page
