"""The use cases of a community: founding, rooms, inviting, joining, removing."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from communities.models import (
    Community,
    CommunityRight,
    Invitation,
    Membership,
    PendingJoin,
    Role,
    Room,
    RoomMember,
)
from communities.permissions import (
    check_ban_member,
    check_invite_members,
    check_remove_member,
    check_revoke_invitation,
)
from communities.rights import BUILT_IN
from communities.signals import member_joined, member_removed, member_renamed
from core.keys import keyed_hash, new_token
from core.text import skeleton, tidy_name
from realtime.publish import revoke

INVITATION_PURPOSE = "invitation"


class InvalidInvitation(Exception):
    """Expired, revoked, used up, unknown, or not for this person: one answer for all of them."""


@transaction.atomic
def found_community(*, name: str, slug: str, language: str = "de", **fields: Any) -> Community:
    """A community with its four built-in roles and nobody in it."""
    community = Community.objects.create(name=name, slug=slug, language=language, **fields)
    permissions = {p.codename: p for p in Permission.objects.filter(content_type__app_label="communities")}
    for code, rights in BUILT_IN.items():
        role_id = uuid.uuid4()
        group = Group.objects.create(name=f"role-{role_id}")
        Role.objects.create(id=role_id, community=community, code=code, group=group)
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
    _chosen, is_new = RoomMember.objects.get_or_create(room=room, membership=membership)
    if is_new:
        _cut_on_commit(membership)
    return is_new


def invite(
    *,
    community: Community,
    inviter: Membership | None = None,
    role: str = Role.Code.MEMBER,
    rooms: Sequence[Room] = (),
    label: str = "",
    note: str = "",
    shows_inviter: bool = True,
    max_uses: int = 1,
    days: int = 7,
) -> tuple[Invitation, str]:
    """An invitation and its token, which stands nowhere else and is shown once.

    Raises: PermissionDenied where the inviter may not invite.
    """
    if inviter is not None:
        check_invite_members(inviter)
    token = new_token()
    invitation = Invitation.objects.create(
        community=community,
        role=community.roles.get(code=role),
        inviter=inviter,
        label=label,
        note=note,
        shows_inviter=shows_inviter,
        max_uses=max_uses,
        token_hash=keyed_hash(INVITATION_PURPOSE, token),
        expires_at=timezone.now() + timedelta(days=days),
    )
    return invitation, token


def revoke_invitation(*, actor: Membership, invitation: Invitation) -> bool:
    """End an invitation. Returns whether it was still to be ended. Raises: PermissionDenied."""
    check_revoke_invitation(actor, invitation)
    return bool(Invitation.objects.filter(pk=invitation.pk, revoked_at=None).update(revoked_at=timezone.now()))


def find_open_invitation(*, token: str) -> Invitation:
    """Raises: InvalidInvitation for every token that admits nobody, by the same one query."""
    wanted = Invitation.objects.open().filter(token_hash=keyed_hash(INVITATION_PURPOSE, token))
    invitation = wanted.select_related("community", "role", "inviter__user").first()
    if invitation is None:
        raise InvalidInvitation
    return invitation


def start_joining(*, token: str) -> PendingJoin:
    """Someone agreed to the rules; signing up may lie between this and joining. Spends nothing.

    Raises: InvalidInvitation.
    """
    return PendingJoin.objects.create(invitation=find_open_invitation(token=token))


def join(*, pending: PendingJoin, user: Any, display_name: str, introduction: str = "") -> Membership:
    """Enter the community by an invitation.

    The conditional UPDATE and its row count decide who gets the last use; it stands in one transaction with the
    membership, so that a refused name does not use it up.
    Raises: InvalidInvitation; ValidationError for a name that is taken or looks like another's.
    Emits: member_joined.
    """
    name = tidy_name(display_name)
    invitation = pending.invitation
    present = Membership.objects.filter(community=invitation.community_id, user=user, left_at=None).first()
    if present is not None:
        if present.banned_at is not None:
            raise InvalidInvitation
        pending.delete()
        return present
    if Membership.objects.filter(community=invitation.community_id, user=user).exclude(banned_at=None).exists():
        raise InvalidInvitation
    with transaction.atomic():
        if not Invitation.objects.open().filter(pk=invitation.pk).update(uses=F("uses") + 1):
            raise InvalidInvitation
        member = _enter(invitation, user, name, introduction, pending)
        pending.delete()
        transaction.on_commit(
            partial(member_joined.send, sender=Membership, membership_id=member.pk), robust=True
        )
    return member


def _enter(invitation: Invitation, user: Any, name: str, introduction: str, pending: PendingJoin) -> Membership:
    _check_name_is_free(invitation.community_id, name)
    try:
        with transaction.atomic():
            return Membership.objects.create(
                community_id=invitation.community_id,
                user=user,
                role=invitation.role,
                display_name=name,
                name_skeleton=skeleton(name),
                introduction=introduction.strip(),
                invitation=invitation,
                agreed_to_rules_at=pending.agreed_at,
            )
    except IntegrityError:  # someone took the name, or this account joined, between the question and the answer
        raise _name_is_taken() from None


def rename_member(*, member: Membership, display_name: str, introduction: str) -> None:
    """Change one's own name and introduction; names that look alike are refused.

    Raises: ValidationError. Emits: member_renamed where the name changed.
    """
    name = tidy_name(display_name)
    _check_name_is_free(member.community_id, name, but=member)
    is_renamed = name != member.display_name
    member.display_name, member.name_skeleton = name, skeleton(name)
    member.introduction = introduction.strip()
    member.profile_version += is_renamed
    try:
        with transaction.atomic():
            member.save(update_fields=["display_name", "name_skeleton", "introduction", "profile_version"])
    except IntegrityError:
        raise _name_is_taken() from None
    if is_renamed:
        transaction.on_commit(partial(member_renamed.send, sender=Membership, membership_id=member.pk), robust=True)


def _check_name_is_free(community_id: Any, name: str, but: Membership | None = None) -> None:
    alike = Membership.objects.filter(community_id=community_id, name_skeleton=skeleton(name), left_at=None)
    if alike.exclude(pk=but.pk if but else None).exists():
        raise _name_is_taken()


def _name_is_taken() -> ValidationError:
    return ValidationError(_("Someone here has this name or one that looks like it. Choose another."), code="taken")


def remove_member(*, actor: Membership, member: Membership) -> None:
    """Take someone out of the community at once; they may be invited again. Raises: PermissionDenied."""
    check_remove_member(actor, member)
    _end(member, left_at=timezone.now())


def ban_member(*, actor: Membership, member: Membership) -> None:
    """Exclude someone at once. Raises: PermissionDenied."""
    check_ban_member(actor, member)
    _end(member, banned_at=timezone.now())


def suspend_member(*, actor: Membership, member: Membership, for_: timedelta) -> None:
    """Keep someone out for a while, at once. Raises: PermissionDenied."""
    check_ban_member(actor, member)
    _end(member, suspended_until=timezone.now() + for_)


@transaction.atomic
def _end(member: Membership, **state: Any) -> None:
    Membership.objects.filter(pk=member.pk).update(**state)
    Invitation.objects.filter(inviter=member, revoked_at=None).update(revoked_at=timezone.now())
    _cut_on_commit(member)
    transaction.on_commit(partial(member_removed.send, sender=Membership, membership_id=member.pk), robust=True)


def _cut_on_commit(member: Membership) -> None:
    if member.user_id is not None:
        transaction.on_commit(partial(revoke, member.user_id), robust=True)


def delete_stale_joining() -> int:
    """Begun joinings older than a week or of ended invitations, and invitations 90 days after their end."""
    now = timezone.now()
    stale = PendingJoin.objects.filter(agreed_at__lt=now - timedelta(days=7)).delete()[0]
    stale += PendingJoin.objects.exclude(invitation__in=Invitation.objects.open()).delete()[0]
    ended = Invitation.objects.exclude(pk__in=Invitation.objects.open())
    return stale + ended.filter(expires_at__lt=now - timedelta(days=90)).delete()[0]
