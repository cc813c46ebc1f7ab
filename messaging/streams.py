"""What a page's socket may ask of messaging: news of the community, one room live, posting, reading."""

import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import connection
from django.utils import translation
from django.utils.translation import gettext as _

from communities.entries import Entry, entries_of_accounts
from communities.models import Membership, Room
from communities.presence import presence_of
from core.streams import Asked, Far, Refused, Subscription, batch_handler, progress, stream
from core.text import is_storable
from messaging.actions import Draft, Outcome, Refusal, mark_all_read, post_messages
from messaging.live import member_stream, news_stream, room_of_stream, room_stream
from messaging.models import RoomLog
from messaging.querysets import first_visible_sequence
from messaging.rooms import rooms_of
from messaging.typing import typing_of

# Every five seconds in every web process, even where nobody says a word: the ORM's share of it was three quarters.
_HOW_FAR = """
SELECT asked.room, coalesce(log.change, 0), coalesce(log.sequence, 0)
FROM unnest(%s::uuid[]) AS asked (room) LEFT JOIN messaging_roomlog log ON log.room_id = asked.room
"""


@stream("community")
def follow_community(user_id: Any, frame: Mapping[str, Any]) -> Subscription | None:
    """ "There is news" in the rooms one may enter, and one's own reading on other devices."""
    slug = frame.get("community")
    is_slug = isinstance(slug, str) and len(slug) <= 40 and is_storable(slug)
    member = _member(user_id, community__slug=slug) if is_slug else None
    if member is None:
        return None
    rooms = Room.objects.visible_to(member).values_list("pk", flat=True)
    here, signs = presence_of(member)
    streams = {news_stream(pk): 0 for pk in rooms} | {member_stream(member.pk): 0} | here

    def unread() -> Mapping[str, Any]:
        return {"unread": [str(room.pk) for room in rooms_of(member) if room.is_unread]}  # type: ignore[attr-defined]

    return Subscription(streams, unread, signs)


@stream("room")
def follow_room(user_id: Any, frame: Mapping[str, Any]) -> Subscription | None:
    """The messages of one room, from the first one this person may see."""
    found = _member_and_room(user_id, frame)
    if found is None:
        return None
    member, room = found

    def newest() -> Mapping[str, Any]:
        change = RoomLog.objects.filter(room=room).values_list("change", flat=True).first() or 0
        return {"room": str(room.pk), "change": change}

    typing, signs = typing_of(member, room)
    return Subscription({room_stream(room.pk): first_visible_sequence(member, room)} | typing, newest, signs)


@progress
def rooms_so_far(streams: Collection[str]) -> Mapping[str, Far]:
    """The newest change of each room that is open somewhere, and of each other the newest message."""
    rooms = {uuid.UUID(room) for name in streams if (room := room_of_stream(name))}
    found: dict[str, Far] = {}
    for pk, change, sequence in _how_far(rooms) if rooms else []:
        frame = json.dumps({"type": "progress", "room": str(pk), "change": change})
        found |= {room_stream(pk): Far(change, frame), news_stream(pk): Far(sequence)}
    return {name: far for name, far in found.items() if name in streams}


def _how_far(rooms: Collection[uuid.UUID]) -> list[tuple[uuid.UUID, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_HOW_FAR, [list(rooms)])
        found: list[tuple[uuid.UUID, int, int]] = cursor.fetchall()
    return found


@batch_handler("post")
def post(asked: Sequence[Asked]) -> Sequence[Mapping[str, Any] | Refused]:
    """One transaction for all of them. A refusal says why; the page keeps the text."""
    entries = _entries(asked)
    answers: dict[int, Mapping[str, Any] | Refused] = {}
    drafts: dict[int, Draft] = {}
    for place, one in enumerate(asked):
        client_id, text = _uuid(one.frame.get("client_id")), one.frame.get("text")
        entry = entries.get(place)
        if entry is None or client_id is None or not isinstance(text, str):
            answers[place] = _nothing_here(one)
        else:
            drafts[place] = Draft(*entry, client_id, text, one.language)
    for (place, draft), outcome in zip(drafts.items(), post_messages(drafts.values(), are_fresh=True), strict=True):
        answers[place] = _answer(outcome) | {"client_id": str(draft.client_id)}
    return [answers[place] for place in range(len(asked))]


def _answer(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Refusal):
        return {"type": "refused" if outcome.is_final else "failed", "reason": outcome.reason}
    return {
        "type": "posted",
        "room": str(outcome.room_id),
        "id": str(outcome.pk),
        "sequence": outcome.sequence,
        "change": outcome.change,
    }


@batch_handler("read")
def read(asked: Sequence[Asked]) -> Sequence[Mapping[str, Any] | Refused]:
    """Marks rooms as read up to a number; answers nothing."""
    entries = _entries(asked)
    marks = [
        (entries[place][0].pk, entries[place][1].pk, one.frame["sequence"])
        for place, one in enumerate(asked)
        if place in entries and type(one.frame.get("sequence")) is int
    ]
    if marks:
        mark_all_read(marks)
    return [{}] * len(asked)


def _entries(asked: Sequence[Asked]) -> dict[int, Entry]:
    """Shape: membership and room by place, of those who may enter the room they name."""
    pairs = {
        place: (uuid.UUID(one.user_id), room_id)
        for place, one in enumerate(asked)
        if (room_id := _uuid(one.frame.get("room")))
    }
    entries = entries_of_accounts(set(pairs.values())) if pairs else {}
    return {place: entries[pair] for place, pair in pairs.items() if pair in entries}


def _nothing_here(one: Asked) -> Refused:
    with translation.override(one.language):
        return Refused(_("There is nothing to see here"))


def _member_and_room(user_id: Any, frame: Mapping[str, Any]) -> tuple[Membership, Room] | None:
    room_id = _uuid(frame.get("room"))
    member = _member(user_id, community__rooms=room_id) if room_id else None
    if room_id is None or member is None:
        return None
    rooms = Room.objects.visible_to(member).with_chosen_at(member)
    room = rooms.select_related("community").filter(pk=room_id).first()
    return (member, room) if room else None


def _member(user_id: Any, **which: Any) -> Membership | None:
    return Membership.objects.of_account(user_id).filter(**which).select_related("role", "community").first()


def _uuid(value: object) -> uuid.UUID | None:
    if not isinstance(value, str) or len(value) != 36:
        return None
    try:
        return uuid.UUID(value)
    except ValueError:
        return None
