"""The two numbers of a room, and telling what was done under them."""

import uuid
from collections.abc import Mapping
from functools import partial

from django.db import connection, transaction

from core.postgres.base import plans_kept
from messaging import live
from messaging.models import Message, RoomLog
from messaging.signals import message_posted
from realtime.publish import later

# One statement locks the rows in the order of their ids, so that two batches over the same rooms cannot wait for each
# other, and gives their new numbers. It is an UPDATE of the log row, not of the room: FOR UPDATE there would stop every
# insert that points to the room.
_ADVANCE = """
WITH asked AS (SELECT * FROM unnest(%s::uuid[], %s::int[]) AS asked (room_id, messages)),
locked AS (
    SELECT room_id FROM messaging_roomlog WHERE room_id IN (SELECT room_id FROM asked)
    ORDER BY room_id FOR NO KEY UPDATE
)
UPDATE messaging_roomlog log SET sequence = sequence + asked.messages, change = change + asked.messages
FROM locked JOIN asked USING (room_id) WHERE log.room_id = locked.room_id
RETURNING log.room_id, log.sequence, log.change
"""


def advance(messages: Mapping[uuid.UUID, int]) -> dict[uuid.UUID, RoomLog]:
    """Take so many numbers in each room; others wait for theirs until the end of the transaction.

    Shape: per room its log as it now is, with the highest number taken.
    """
    with plans_kept(), connection.cursor() as cursor:
        cursor.execute(_ADVANCE, [list(messages), list(messages.values())])
        logs = {row[0]: RoomLog(room_id=row[0], sequence=row[1], change=row[2]) for row in cursor.fetchall()}
    if missing := messages.keys() - logs.keys():
        # The first words in a room open its log; two first words at once find one row.
        RoomLog.objects.bulk_create([RoomLog(room_id=pk) for pk in sorted(missing)], ignore_conflicts=True)
        logs |= advance({pk: messages[pk] for pk in sorted(missing)})
    return logs


def locked_log(room_id: uuid.UUID) -> RoomLog:
    """The room's log row, locked until the end of the transaction."""
    return RoomLog.objects.select_for_update(no_key=True).get(pk=room_id)


def tell_after_commit(messages: list[Message], *, is_new: bool) -> None:
    """The acknowledgement comes first: readers are told, and jobs begun, behind it."""
    transaction.on_commit(partial(later, partial(live.announce, messages, is_new=is_new)), robust=True)
    if is_new:
        ids = [message.pk for message in messages]
        transaction.on_commit(partial(later, partial(_tell_others, ids), may_hang=True), robust=True)


def _tell_others(message_ids: list[uuid.UUID]) -> None:
    message_posted.send(sender=Message, message_ids=message_ids)
