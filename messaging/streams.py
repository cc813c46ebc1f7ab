"""What a page's socket may ask of messaging: news of the community, one room live, posting, reading."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from communities.models import Membership, Room
from core.streams import Refused, Subscription, handler, stream
from core.text import is_storable
from messaging.actions import Draft, Refusal, mark_read, post_messages
from messaging.live import member_stream, news_stream, room_stream
from messaging.models import RoomLog
from messaging.querysets import first_visible_sequence, rooms_with_news


@stream("community")
def follow_community(user_id: Any, frame: Mapping[str, Any]) -> Subscription | None:
    """ "There is news" in the rooms one may enter, and one's own reading on other devices."""
    slug = frame.get("community")
    is_slug = isinstance(slug, str) and len(slug) <= 40 and is_storable(slug)
    member = _member(user_id, community__slug=slug) if is_slug else None
    if member is None:
        return None
    rooms = Room.objects.visible_to(member).values_list("pk", flat=True)
    streams = {news_stream(pk): 0 for pk in rooms} | {member_stream(member.pk): 0}

    def unread() -> Mapping[str, Any]:
        return {"unread": [str(room.pk) for room in rooms_with_news(member) if room.is_unread]}  # type: ignore[attr-defined]

    return Subscription(streams, unread)


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

    return Subscription({room_stream(room.pk): first_visible_sequence(member, room)}, newest)


@handler("post")
def post(user_id: Any, frame: Mapping[str, Any]) -> Mapping[str, Any]:
    """Raises: Refused with the reason; the page keeps the text."""
    client_id, text = _uuid(frame.get("client_id")), frame.get("text")
    found = _member_and_room(user_id, frame)
    if found is None or client_id is None or not isinstance(text, str):
        raise Refused(_("There is nothing to see here"))
    outcome = post_messages([Draft(*found, client_id, text)])[0]
    answer = {"client_id": str(frame["client_id"])}
    if isinstance(outcome, Refusal):
        kind = "refused" if outcome.is_final else "failed"
        return answer | {"type": kind, "reason": outcome.reason}
    return answer | {
        "type": "posted",
        "room": str(outcome.room_id),
        "id": str(outcome.pk),
        "sequence": outcome.sequence,
        "change": outcome.change,
    }


@handler("read")
def read(user_id: Any, frame: Mapping[str, Any]) -> Mapping[str, Any]:
    """Marks the room as read up to a number; answers nothing."""
    sequence, found = frame.get("sequence"), _member_and_room(user_id, frame)
    if found is not None and type(sequence) is int:
        mark_read(member=found[0], room=found[1], sequence=sequence)
    return {}


def _member_and_room(user_id: Any, frame: Mapping[str, Any]) -> tuple[Membership, Room] | None:
    room_id = _uuid(frame.get("room"))
    member = _member(user_id, community__rooms=room_id) if room_id else None
    if room_id is None or member is None:
        return None
    rooms = Room.objects.visible_to(member).with_chosen_at(member)
    room = rooms.select_related("community").filter(pk=room_id).first()
    return (member, room) if room else None


def _member(user_id: Any, **which: Any) -> Membership | None:
    return Membership.objects.of_account(user_id).filter(**which).select_related("role").first()


def _uuid(value: object) -> uuid.UUID | None:
    if not isinstance(value, str) or len(value) != 36:
        return None
    try:
        return uuid.UUID(value)
    except ValueError:
        return None
