"""Which messages of a room a page shows, by the key (room, sequence)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet

from communities.models import Membership, Room
from core.prepared import Prepared
from messaging.fragments import OPENING, fragments, without_tools
from messaging.models import Message
from messaging.querysets import history_start

PAGE = 50
#: More than this is not told one by one.
MOST_CHANGES = 200
#: A page shows at most about this many messages (static/js/trim.js); further up it asks again.
MOST_SHOWN = 500
#: Messages of one person this close together stand under one name.
BURST = timedelta(minutes=7)


@dataclass(slots=True)
class Line:
    """One message of a page with what stands above it."""

    message: Message
    html: str
    day: datetime | None = None
    is_first_unread: bool = False


@dataclass(slots=True)
class Window:
    """A stretch of a room's messages, oldest first, and whether there is more on either side."""

    lines: list[Line] = field(default_factory=list)
    has_older: bool = False
    has_newer: bool = False
    #: When the viewer last read here, for the line above what is new.
    read_at: datetime | None = None

    @property
    def first_sequence(self) -> int:
        return self.lines[0].message.sequence if self.lines else 0

    @property
    def last_sequence(self) -> int:
        return self.lines[-1].message.sequence if self.lines else 0


def open_window(
    member: Membership, room: Room, language: str, *, at: int | None = None, is_newest: bool = False
) -> Window:
    """What a room shows at first: the unread line if there is one, else the newest; or the place it was asked for.

    Shape: the room comes from `with_numbers(Room.objects.visible_to(viewer).with_chosen_at(viewer), viewer)`.
    """
    read = room.last_read or 0  # type: ignore[attr-defined]
    newest, has_older = _newest_in(room, history_start(member, room))
    has_newer = False
    first_unread = _first_unread(newest, member, read)
    wanted = at
    if at is None and not is_newest and has_older and newest and newest[0].sequence > read + 1 and read:
        wanted = read + 1
    if wanted is not None and newest and wanted < newest[0].sequence:
        seen = room.messages.in_history_of(member, room).as_shown()
        newest, has_older, has_newer = _around(seen, wanted)
        first_unread = _first_unread(newest, member, read)
    lines = _lines(newest, member, language, first_unread)
    return Window(lines, has_older, has_newer, room.read_at)  # type: ignore[attr-defined]


@dataclass(slots=True)
class Changes:
    """What happened after a change.

    Where it was too much to be told one by one (`is_gap`), the newest page stands in `lines`, before it those changed
    among the messages the asking page shows. Between them it has a gap, to be filled when somebody reads there.
    """

    lines: list[Line] = field(default_factory=list)
    is_gap: bool = False
    #: With these everything shown from this number on is right; what stands before is to be loaded again.
    known_from: int = 0
    #: The number of the newest page's first message.
    newest_from: int = 0


def older_window(member: Membership, room: Room, language: str, *, before: int | None) -> Window:
    """The page before a number; without one the newest."""
    seen = room.messages.in_history_of(member, room).as_shown()
    messages, has_older = _newest(seen if before is None else seen.filter(sequence__lt=before))
    return Window(_lines(messages, member, language, None), has_older, has_newer=before is not None)


def newer_window(member: Membership, room: Room, language: str, *, after: int) -> Window:
    """The page after a number."""
    seen = room.messages.in_history_of(member, room).as_shown()
    messages = list(seen.filter(sequence__gt=after).order_by("sequence")[: PAGE + 1])
    lines = _lines(messages[:PAGE], member, language, None)
    return Window(lines, has_older=True, has_newer=len(messages) > PAGE)


def changes(member: Membership, room: Room, language: str, *, since: int, first: int, last: int) -> Changes:
    """What happened after a change, in the order of changes; of too much only what a page needs to go on.

    Shape: the asking page shows the messages from `first` to `last`.
    """
    seen = room.messages.in_history_of(member, room).as_shown()
    changed = list(seen.filter(change__gt=since).order_by("change")[: MOST_CHANGES + 1])
    if len(changed) <= MOST_CHANGES:
        return Changes(_plain_lines(changed, language))
    newest, _has_older = _newest(seen)
    newest_from = newest[0].sequence
    last = min(last, newest_from - 1)
    known_from = max(first, last - MOST_SHOWN + 1)
    shown = seen.filter(change__gt=since, sequence__gte=known_from, sequence__lte=last)
    stale, has_more = _newest(shown)
    if has_more:
        known_from = stale[0].sequence
    return Changes(_plain_lines(stale + newest, language), True, known_from, newest_from)


def _plain_lines(messages: Sequence[Message], language: str) -> list[Line]:
    html = fragments(messages, language)
    return [Line(message, html[message]) for message in messages]


def _newest(messages: "QuerySet[Message]") -> tuple[list[Message], bool]:
    return _page(list(_latest(messages)))


def _newest_in(room: Room, start: datetime | None) -> tuple[list[Message], bool]:
    found = _all_of(room=room.pk) if start is None else _some_of(room=room.pk, start=start)
    for message in found:
        message.room = room
    return _page(found)


def _page(found: list[Message]) -> tuple[list[Message], bool]:
    return found[:PAGE][::-1], len(found) > PAGE


def _latest(messages: "QuerySet[Message]") -> "QuerySet[Message]":
    return messages.order_by("-sequence")[: PAGE + 1]


def _latest_of(room: uuid.UUID, start: datetime | None = None) -> "QuerySet[Message]":
    return _latest(Message.objects.since(room, start).as_shown())


_all_of = Prepared(_latest_of, room=uuid.UUID)
_some_of = Prepared(_latest_of, room=uuid.UUID, start=datetime)


def _around(messages: "QuerySet[Message]", place: int) -> tuple[list[Message], bool, bool]:
    before = list(messages.filter(sequence__lt=place).order_by("-sequence")[: PAGE // 2 + 1])
    after = list(messages.filter(sequence__gte=place).order_by("sequence")[: PAGE + 1])
    shown = before[: PAGE // 2][::-1] + after[:PAGE]
    return shown, len(before) > PAGE // 2, len(after) > PAGE


def _first_unread(messages: Sequence[Message], member: Membership, read: int) -> Message | None:
    unread = (m for m in messages if m.sequence > read and m.author_id != member.pk and m.deleted_at is None)
    return next(unread, None)


def _lines(messages: Sequence[Message], member: Membership, language: str, first_unread: Message | None) -> list[Line]:
    html = fragments(messages, language)
    zone = ZoneInfo(settings.TIME_ZONE)
    lines: list[Line] = []
    before: Message | None = None
    for message in messages:
        line = Line(message, html[message], is_first_unread=message is first_unread)
        day = message.created_at.astimezone(zone).date()
        if before is None or before.created_at.astimezone(zone).date() != day:
            line.day = message.created_at
        if message.author_id == member.pk:
            line.html = line.html.replace(OPENING, f"{OPENING} data-mine", 1)
        else:
            line.html = without_tools(line.html)
        if _continues(before, message) and line.day is None and not line.is_first_unread:
            line.html = line.html.replace(OPENING, f"{OPENING} data-more", 1)
        lines.append(line)
        before = message
    return lines


def _continues(before: Message | None, message: Message) -> bool:
    return (
        before is not None
        and before.author_id == message.author_id
        and message.created_at - before.created_at < BURST
        and before.deleted_at is None
        and message.deleted_at is None
    )
