"""The communities of this place as whoever runs it sees them: by number and size, never by name."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

# Messages are not read for it, which would take long: a room knows how many it holds, and its newest is found by
# number. What they take is their share of the table; only pictures are weighed one by one.
_SIZES = """
WITH logs AS (
    SELECT room.community_id, sum(log.sequence) AS messages, max(newest.created_at) AS last_at
    FROM communities_room room
    JOIN messaging_roomlog log ON log.room_id = room.id
    LEFT JOIN LATERAL (
        SELECT created_at FROM messaging_message message
        WHERE message.room_id = room.id ORDER BY message.sequence DESC LIMIT 1
    ) newest ON true
    GROUP BY room.community_id
),
people AS (
    SELECT member.community_id, count(*) AS people, bool_or(role.code = 'owner') AS has_owner,
        coalesce(sum(octet_length(picture.webp)), 0) AS pictures
    FROM communities_membership member
    JOIN communities_role role ON role.id = member.role_id
    LEFT JOIN communities_picture picture ON picture.id = member.picture_id
    WHERE member.left_at IS NULL AND member.banned_at IS NULL
    GROUP BY member.community_id
)
SELECT place.number, coalesce(people.people, 0), coalesce(people.has_owner, false), logs.last_at,
    (coalesce(people.pictures, 0) + pg_total_relation_size('messaging_message') * coalesce(logs.messages, 0)
        / greatest((SELECT sum(sequence) FROM messaging_roomlog), 1))::bigint
FROM communities_community place
LEFT JOIN people ON people.community_id = place.id
LEFT JOIN logs ON logs.community_id = place.id
ORDER BY place.number
"""


@dataclass(frozen=True, slots=True)
class Size:
    """One community. `bytes` is about what it takes in the database, `last_at` when somebody last wrote."""

    number: int
    people: int
    has_owner: bool
    last_at: datetime | None
    bytes: int

    @property
    def last_active(self) -> str:
        """By months only: when exactly people talk is theirs."""
        if self.last_at is None:
            return _("not yet")
        here, now = timezone.localtime(self.last_at), timezone.localtime()
        months_ago = 12 * (now.year - here.year) + now.month - here.month
        if months_ago < 2:
            return _("last month") if months_ago else _("this month")
        return format_date(here, "F Y")


def sizes() -> list[Size]:
    """All communities in the order of their founding, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_SIZES)
        return [Size(*row) for row in cursor.fetchall()]
