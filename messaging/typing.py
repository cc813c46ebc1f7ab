"""Who is writing in a room: a sign that passes, never stored, and given only by those who chose it."""

import json

from communities.models import Membership, Room
from communities.permissions import check_may_write
from core.checks import passes
from core.streams import Sign
from messaging.live import member_stream


def typing_stream(room_id: object) -> str:
    return f"typing:{room_id}"


def typing_of(member: Membership, room: Room) -> tuple[dict[str, int], dict[str, Sign]]:
    """What a page of the room hears, and the sign that it may give: their own choice, where they may write.

    Shape: streams and signs for a `Subscription`; member and room come with their community.
    """
    if not room.community.allows_typing:
        return {}, {}
    # One's own stream, so that the sign passes over one's own pages.
    own = member_stream(member.pk)
    streams = {typing_stream(room.pk): 0, own: 0}
    if not member.shows_typing or not passes(check_may_write, member):
        return streams, {}
    frame = {"type": "typing", "room": str(room.pk), "author": str(member.pk), "name": member.display_name}
    return streams, {typing_stream(room.pk): Sign(typing_stream(room.pk), json.dumps(frame), unless=own)}
