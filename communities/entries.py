"""Who may enter a room and write there now, for a whole batch of people in one statement.

Written as SQL because posting waits for it: the ORM takes longer to compile these joins than PostgreSQL to answer.
It says the same as `Membership.objects.current()`, `Room.objects.visible_to()` and `rights_of()`;
tests/communities/test_entries.py compares them over everything a membership, a role and a room can be.
"""

import uuid
from collections.abc import Collection
from typing import Any

from django.db import connection
from django.utils import timezone

from communities.models import Community, Membership, Role, Room
from communities.permissions import keep_rights
from core.postgres.base import plans_kept

Pair = tuple[uuid.UUID, uuid.UUID]
Entry = tuple[Membership, Room]

_STATEMENT = """
SELECT asked.number, member.id, member.user_id, member.community_id, member.role_id, member.display_name,
    member.joined_at, member.profile_version, member.picture_id, member.muted_until, member.read_only_until,
    role.code, room.id, room.access, room.history, place.slug, place.archived_at, chosen.added_at,
    ARRAY(
        SELECT permission.codename FROM communities_communityright held
        JOIN auth_permission permission ON permission.id = held.permission_id
        WHERE held.group_id = role.group_id AND held.content_object_id = place.id
    )
FROM unnest(%s::uuid[], %s::uuid[]) WITH ORDINALITY AS asked (person, room, number)
JOIN communities_room room ON room.id = asked.room
JOIN communities_community place ON place.id = room.community_id
JOIN communities_membership member ON member.community_id = place.id AND member.{person} = asked.person
JOIN accounts_user account ON account.id = member.user_id AND account.is_active
JOIN communities_role role ON role.id = member.role_id
LEFT JOIN communities_roommember chosen ON chosen.room_id = room.id AND chosen.membership_id = member.id
WHERE member.left_at IS NULL AND member.banned_at IS NULL
    AND (member.suspended_until IS NULL OR member.suspended_until <= %s)
    AND (chosen.id IS NOT NULL OR (room.access = 'all' AND role.code <> 'guest'))
"""
_OF_ACCOUNTS = _STATEMENT.format(person="user_id")
_OF_MEMBERS = _STATEMENT.format(person="id")
#: In the order of the model, as `from_db` wants them.
_MEMBER = [
    "id",
    "user_id",
    "community_id",
    "role_id",
    "display_name",
    "joined_at",
    "profile_version",
    "picture_id",
    "muted_until",
    "read_only_until",
]


def entries_of_accounts(pairs: Collection[Pair]) -> dict[Pair, Entry]:
    """Shape: pairs of account and room; those who may not enter are missing in the answer.

    What comes back carries what posting and showing need, other fields are loaded when they are asked for.
    """
    return _entries(_OF_ACCOUNTS, list(pairs))


def entries_of_members(pairs: Collection[Pair]) -> dict[Pair, Entry]:
    """The same for pairs of membership and room."""
    return _entries(_OF_MEMBERS, list(pairs))


def _entries(statement: str, pairs: list[Pair]) -> dict[Pair, Entry]:
    people, rooms = [person for person, _room in pairs], [room for _person, room in pairs]
    with plans_kept(), connection.cursor() as cursor:
        cursor.execute(statement, [people, rooms, timezone.now()])
        return {pairs[row[0] - 1]: _entry(row) for row in cursor.fetchall()}


def _entry(row: tuple[Any, ...]) -> Entry:
    member = Membership.from_db("default", _MEMBER, row[1:11])
    code, room_id, access, history, slug, archived_at, chosen_at, rights = row[11:]
    place = Community.from_db("default", ["id", "slug", "archived_at"], [member.community_id, slug, archived_at])
    room = Room.from_db(
        "default", ["id", "community_id", "access", "history"], [room_id, member.community_id, access, history]
    )
    room.community = member.community = place
    room.chosen_at = chosen_at  # type: ignore[attr-defined]  # as Room.objects.with_chosen_at() adds it
    member.role = Role.from_db("default", ["id", "community_id", "code"], [member.role_id, place.pk, code])
    keep_rights(member, rights)
    return member, room
