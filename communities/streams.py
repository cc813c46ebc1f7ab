"""What live streams rest on in communities."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from django.db import connection
from django.utils import timezone

from core.streams import standing

# `xmin` names the version of a row: whatever is changed in it, by whomever, it is another one afterwards.
_MEMBERSHIPS = """
SELECT member.user_id::text, concat_ws(
    '.', member.id, member.xmin, member.suspended_until > %s, member.muted_until > %s, member.read_only_until > %s,
    role.xmin, place.xmin, rooms.versions,
    (
        SELECT string_agg(held.permission_id::text, ' ' ORDER BY held.permission_id)
        FROM communities_communityright held WHERE held.group_id = role.group_id AND held.content_object_id = place.id
    ),
    (
        SELECT string_agg(concat(chosen.id, '-', chosen.xmin), ' ' ORDER BY chosen.id)
        FROM communities_roommember chosen WHERE chosen.membership_id = member.id
    )
)
FROM communities_membership member
JOIN communities_role role ON role.id = member.role_id
JOIN communities_community place ON place.id = member.community_id
LEFT JOIN (
    SELECT room.community_id, md5(string_agg(concat(room.id, '-', room.xmin), ' ' ORDER BY room.id)) AS versions
    FROM communities_room room
    WHERE room.community_id IN (SELECT community_id FROM communities_membership WHERE user_id = ANY(%s::uuid[]))
    GROUP BY room.community_id
) rooms ON rooms.community_id = place.id
WHERE member.user_id = ANY(%s::uuid[]) ORDER BY member.id
"""


@standing
def memberships(user_ids: Collection[str]) -> Mapping[str, str]:
    """All of an account's memberships with their roles, places and rooms."""
    found: defaultdict[str, str] = defaultdict(str)
    with connection.cursor() as cursor:
        now = timezone.now()
        cursor.execute(_MEMBERSHIPS, [now, now, now, list(user_ids), list(user_ids)])
        for user_id, versions in cursor.fetchall():
            found[user_id] += f"{versions};"
    return found
