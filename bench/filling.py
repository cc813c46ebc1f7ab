"""Fills rooms by COPY: `python -m bench.filling ROOM MESSAGES [OTHERS]`.

The room gets MESSAGES by its members in turn, one every half hour or, where they are many, over the last year; OTHERS
more are spread over the other rooms.
"""

import secrets
import sys
import uuid
from collections.abc import Iterator, Sequence
from datetime import timedelta

import django

django.setup()

from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from communities.models import Room, RoomMember  # noqa: E402
from messaging import markdown  # noqa: E402
from messaging.models import Message, RoomLog  # noqa: E402

COLUMNS = "id, room_id, author_id, sequence, change, text, html, renderer_version, retry_key, created_at"
YEAR, LONGEST_PAUSE = timedelta(days=365), timedelta(minutes=30)
TEXTS = [
    "Morning. Who has the key to the shed today?",
    "I have **two** spare chairs and a long table, if that helps.",
    "The repair took an hour. Next time I bring the small pliers, the ones with the red handle, and more patience.",
    "Thank you all, that was a good evening.\n\nWe will do it again in March.",
]


def rows(log: RoomLog, authors: Sequence[uuid.UUID], count: int) -> Iterator[tuple[object, ...]]:
    now, pause = timezone.now(), min(YEAR / max(count, 1), LONGEST_PAUSE)
    html = [markdown.render(text) for text in TEXTS]
    for number in range(count):
        which = number % len(TEXTS)
        yield (
            uuid.uuid4(),
            log.room_id,
            authors[number % len(authors)],
            log.sequence + number + 1,
            log.change + number + 1,
            TEXTS[which],
            html[which],
            markdown.VERSION,
            secrets.token_hex(32),
            now - pause * (count - number),
        )


@transaction.atomic
def fill(room: Room, count: int) -> None:
    log, _ = RoomLog.objects.get_or_create(room=room)
    authors = list(RoomMember.objects.filter(room=room).values_list("membership_id", flat=True))
    with connection.cursor() as cursor, cursor.copy(f"COPY {Message._meta.db_table} ({COLUMNS}) FROM STDIN") as copy:
        for row in rows(log, authors, count):
            copy.write_row(row)
    log.sequence += count
    log.change += count
    log.save()


def main(room_id: str, count: int, others: int = 0) -> None:
    fill(Room.objects.get(pk=room_id), count)
    rest = list(Room.objects.exclude(pk=room_id).filter(members__isnull=False).distinct())
    for room in rest if others else []:
        fill(room, others // len(rest))
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {Message._meta.db_table}")


if __name__ == "__main__":
    main(sys.argv[1], *(int(word) for word in sys.argv[2:]))
