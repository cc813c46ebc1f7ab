"""Founding a community, its rooms, and who is chosen for them."""

import uuid
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from communities.actions.shared import cut_on_commit
from communities.models import (
    Community,
    CommunityRight,
    Membership,
    Role,
    Room,
    RoomMember,
)
from communities.rights import BUILT_IN, RANKS


@transaction.atomic
def found_community(*, name: str, slug: str, language: str = "de", **fields: Any) -> Community:
    """A community with its four built-in roles and nobody in it."""
    community = Community.objects.create(name=name, slug=slug, language=language, **fields)
    own = Permission.objects.filter(content_type__app_label="communities", content_type__model="community")
    permissions = {permission.codename: permission for permission in own}
    for code, rights in BUILT_IN.items():
        role_id = uuid.uuid4()
        group = Group.objects.create(name=f"role-{role_id}")
        Role.objects.create(id=role_id, community=community, code=code, rank=RANKS[code], group=group)
        CommunityRight.objects.bulk_create(
            CommunityRight(group=group, permission=permissions[right.value], content_object=community)
            for right in sorted(rights)
        )
    return community


def create_room(*, community: Community, name: str, **fields: Any) -> Room:
    """A room at the end of the list; for commands and the demo, which act for nobody."""
    return Room.objects.create(community=community, name=name, position=community.rooms.count(), **fields)


def choose_room_member(*, room: Room, membership: Membership) -> bool:
    """Choose a member for a room. Returns whether they were not chosen before."""
    if room.community_id != membership.community_id:
        raise ValueError("A room has members of its own community only.")
    _chosen, is_new = RoomMember.objects.get_or_create(room=room, membership=membership)
    if is_new:
        cut_on_commit(membership)
    return is_new


@transaction.atomic
def unchoose_room_member(*, room: Room, membership: Membership) -> bool:
    """Take back that a member was chosen for a room, open sockets included. Returns whether they were chosen."""
    deleted, _by_model = RoomMember.objects.filter(room=room, membership=membership).delete()
    if deleted:
        cut_on_commit(membership)
    return bool(deleted)
