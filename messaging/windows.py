"""Which messages of a room a page shows, by the key (room, sequence)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet

from communities.models import Membership, Room
from messaging.fragments import OPENING, fragments
from messaging.models import Message, ReadMark

PAGE = 50
MOST_CHANGES = 200
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
    """What a room shows at first: the unread line if there is one, else the newest; or the place it was asked for."""
    seen = room.messages.visible_to(member).with_authors()
    mark = ReadMark.objects.filter(membership=member, room=room).first()
    read = mark.last_sequence if mark else 0
    newest, has_older = _newest(seen)
    has_newer = False
    first_unread = _first_unread(newest, member, read)
    wanted = at
    if at is None and not is_newest and has_older and newest and newest[0].sequence > read + 1 and read:
        wanted = read + 1
    if wanted is not None and newest and wanted < newest[0].sequence:
        newest, has_older, has_newer = _around(seen, wanted)
        first_unread = _first_unread(newest, member, read)
    lines = _lines(newest, member, language, first_unread)
    return Window(lines, has_older, has_newer, mark.read_at if mark else None)


def older_window(member: Membership, room: Room, language: str, *, before: int) -> Window:
    """The page before a number."""
    seen = room.messages.visible_to(member).with_authors()
    messages, has_older = _newest(seen.filter(sequence__lt=before))
    return Window(_lines(messages, member, language, None), has_older, has_newer=True)


def changes(member: Membership, room: Room, language: str, *, since: int) -> tuple[list[Line], bool]:
    """What happened after a change, in the order of changes, and whether it was too much for one answer."""
    seen = room.messages.visible_to(member).with_authors()
    changed = list(seen.filter(change__gt=since).order_by("change")[: MOST_CHANGES + 1])
    if len(changed) > MOST_CHANGES:
        return [], True
    html = fragments(changed, language)
    return [Line(message, html[message]) for message in changed], False


def _newest(messages: "QuerySet[Message]") -> tuple[list[Message], bool]:
    found = list(messages.order_by("-sequence")[: PAGE + 1])
    return found[:PAGE][::-1], len(found) > PAGE


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
