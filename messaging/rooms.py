"""The rooms somebody may enter, with what pages show of them: read with queries that are compiled once."""

import uuid
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.db.models import QuerySet

from communities.actions import known_visit
from communities.models import Membership, Role, Room
from core.prepared import Prepared
from messaging.querysets import rooms_with_news, with_numbers, with_visit

#: Of somebody who has not visited yet: nothing was read since then.
_NEVER = datetime.max.replace(tzinfo=UTC)


def rooms_of(viewer: Membership) -> list[Room]:
    """All rooms the viewer may enter, in the community's order. One query, whatever their number.

    Shape: with what `with_numbers`, `with_chosen_at`, `rooms_with_news` and `with_visit` add.
    """
    read = _all_of_guest if viewer.role.is_guest else _all_of_member
    visit = known_visit(viewer)
    return _in_community(viewer, read(**_values(viewer), began_at=visit.began_at if visit else _NEVER))


def room_of(viewer: Membership, room: uuid.UUID) -> Room | None:
    """The same for one room, without `is_unread`; None where the viewer may not enter it, or it does not exist."""
    read = _one_of_guest if viewer.role.is_guest else _one_of_member
    return next(iter(_in_community(viewer, read(**_values(viewer), room=room))), None)


def _in_community(viewer: Membership, rooms: list[Room]) -> list[Room]:
    for room in rooms:
        room.community = viewer.community
    return rooms


def _values(viewer: Membership) -> dict[str, Any]:
    return {"me": viewer.pk, "place": viewer.community_id, "joined_at": viewer.joined_at}


def _all(
    code: Role.Code,
    me: uuid.UUID,
    place: uuid.UUID,
    began_at: datetime,
    joined_at: datetime | None = None,
) -> "QuerySet[Room]":
    viewer = Membership(pk=me, community_id=place, role=Role(code=code))
    if joined_at:  # what guests see does not rest on it
        viewer.joined_at = joined_at
    rooms = with_visit(rooms_with_news(viewer), viewer, began_at)
    return with_numbers(rooms.with_chosen_at(viewer), viewer)


def _one(code: Role.Code, me: uuid.UUID, place: uuid.UUID, room: uuid.UUID) -> "QuerySet[Room]":
    viewer = Membership(pk=me, community_id=place, role=Role(code=code))
    return with_numbers(Room.objects.visible_to(viewer).with_chosen_at(viewer), viewer).filter(pk=room)


_WHO: dict[str, type[uuid.UUID]] = {"me": uuid.UUID, "place": uuid.UUID}
_VISIT: dict[str, type[datetime]] = {"began_at": datetime}
_all_of_member = Prepared(partial(_all, Role.Code.MEMBER), **_WHO, **_VISIT, joined_at=datetime)
_all_of_guest = Prepared(partial(_all, Role.Code.GUEST), **_WHO, **_VISIT)
_one_of_member = Prepared(partial(_one, Role.Code.MEMBER), **_WHO, room=uuid.UUID)
_one_of_guest = Prepared(partial(_one, Role.Code.GUEST), **_WHO, room=uuid.UUID)
