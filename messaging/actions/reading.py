"""Up to where people have read."""

import uuid
from collections.abc import Sequence
from functools import partial

from django.db import connection, transaction
from django.utils import timezone

from communities.actions import note_visits
from communities.models import Membership, Room
from core.postgres.base import plans_kept
from messaging import live
from realtime.publish import later

# The first reading of a visit keeps what was read before it, so that Today knows all its news until the visit ends.
# Capped at the newest message's number, so that a made-up one hides nothing that comes later; a mark never goes back.
_MARK = """
INSERT INTO messaging_readmark (membership_id, room_id, last_sequence, before_sequence, read_at)
SELECT asked.membership_id, asked.room_id,
    GREATEST(0, LEAST(MAX(asked.sequence), COALESCE(MAX(log.sequence), 0))), 0, %s
FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[]) AS asked (membership_id, room_id, sequence)
LEFT JOIN messaging_roomlog log ON log.room_id = asked.room_id
GROUP BY asked.membership_id, asked.room_id ORDER BY asked.membership_id, asked.room_id
ON CONFLICT (membership_id, room_id) DO UPDATE
SET last_sequence = EXCLUDED.last_sequence, read_at = EXCLUDED.read_at, before_sequence = CASE
    WHEN messaging_readmark.read_at < (
        SELECT visit.began_at FROM communities_visit visit
        WHERE visit.membership_id = messaging_readmark.membership_id
    ) THEN messaging_readmark.last_sequence ELSE messaging_readmark.before_sequence END
WHERE messaging_readmark.last_sequence < EXCLUDED.last_sequence
RETURNING membership_id, room_id, NOT EXISTS (
    SELECT FROM messaging_message message
    WHERE message.room_id = messaging_readmark.room_id AND message.sequence > messaging_readmark.last_sequence
    AND message.deleted_at IS NULL AND message.author_id <> messaging_readmark.membership_id
)
"""
_LARGEST = 2**63 - 1

Mark = tuple[uuid.UUID, uuid.UUID, int]


def mark_read(*, member: Membership, room: Room, sequence: int) -> bool:
    """Remember up to where the member has read. Returns whether that moved."""
    return bool(mark_all_read([(member.pk, room.pk, sequence)]))


def mark_all_read(marks: Sequence[Mark]) -> int:
    """Shape: membership, room and number of each; the rooms are ones they may enter. Returns how many moved."""
    members, rooms, sequences = zip(*marks, strict=True)
    capped = [max(0, min(sequence, _LARGEST)) for sequence in sequences]
    now = timezone.now()
    with transaction.atomic(), plans_kept(), connection.cursor() as cursor:
        note_visits(members, now)
        cursor.execute(_MARK, [now, list(members), list(rooms), capped])
        moved = cursor.fetchall()
        for member, room, is_all in moved:
            if is_all:  # a part of it read: the room stays unread, on other pages, too
                transaction.on_commit(partial(later, partial(live.announce_read, member, room)), robust=True)
    return len(moved)
