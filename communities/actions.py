"""The use cases of a community: founding, rooms, inviting, joining, removing."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
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
from core.text import is_storable, skeleton, tidy_name
from realtime.publish import revoke

INVITATION_PURPOSE = "invitation"


class InvalidInvitation(Exception):
    """Expired, revoked, used up, unknown, or not for this person: one answer for all of them."""


@transaction.atomic
def found_community(*, name: str, slug: str, language: str = "de", **fields: Any) -> Community:
    """A community with its four built-in roles and nobody in it."""
    community = Community.objects.create(name=name, slug=slug, language=language, **fields)
    own = Permission.objects.filter(content_type__app_label="communities", content_type__model="community")
    permissions = {permission.codename: permission for permission in own}
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
    if room.community_id != membership.community_id:
        raise ValueError("A room has members of its own community only.")
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

    `rooms` are the rooms of the community for which whoever joins is chosen; guests see no others.
    Raises: PermissionDenied where the inviter may not invite (any more), may not give the role, or does not see one of
    the rooms; ValidationError for uses, days, texts or rooms that cannot be.
    """
    given = community.roles.get(code=role)
    if inviter is not None:
        check_invite_members(inviter, given)
    _check_invitation(community, rooms, label, note, max_uses, days)
    token = new_token()
    with transaction.atomic():
        if inviter is not None:
            _check_inviter_is_still_here(inviter, rooms)
        invitation = Invitation.objects.create(
            community=community,
            role=given,
            inviter=inviter,
            label=label.strip(),
            note=note.strip(),
            shows_inviter=shows_inviter,
            max_uses=max_uses,
            token_hash=keyed_hash(INVITATION_PURPOSE, token),
            expires_at=timezone.now() + timedelta(days=days),
        )
        invitation.rooms.set(rooms)
    return invitation, token


def _check_invitation(
    community: Community, rooms: Sequence[Room], label: str, note: str, max_uses: int, days: int
) -> None:
    if not 1 <= max_uses <= Invitation.MOST_USES:
        raise ValidationError(_("An invitation is for 1 to 50 people."), code="uses")
    if not 1 <= days <= Invitation.MOST_DAYS:
        raise ValidationError(_("An invitation is open for 1 to 90 days."), code="days")
    if any(room.community_id != community.pk for room in rooms):
        raise ValidationError(_("This room does not exist here."), code="room")
    _check_text(label, longest=60)
    _check_text(note, longest=600)


def _check_text(text: str, *, longest: int) -> None:
    if not is_storable(text):
        raise ValidationError(_("This text contains characters that cannot be shown."), code="unstorable")
    if len(text.strip()) > longest:
        raise ValidationError(_("This text is too long."), code="long")


def _check_inviter_is_still_here(inviter: Membership, rooms: Sequence[Room]) -> None:
    """Under the lock that removing takes too: otherwise an invitation made meanwhile would outlive its inviter."""
    if not Membership.objects.current().select_for_update(no_key=True).filter(pk=inviter.pk).exists():
        raise PermissionDenied
    wanted = {room.pk for room in rooms}
    if Room.objects.visible_to(inviter).filter(pk__in=wanted).count() != len(wanted):
        raise PermissionDenied


def revoke_invitation(*, actor: Membership, invitation: Invitation) -> bool:
    """End an invitation. Returns whether it was still to be ended. Raises: PermissionDenied."""
    check_revoke_invitation(actor, invitation)
    return bool(Invitation.objects.filter(pk=invitation.pk, revoked_at=None).update(revoked_at=timezone.now()))


def find_open_invitation(*, token: str, user_id: Any = None) -> Invitation:
    """Raises: InvalidInvitation for every token that admits nobody, or not this account, by the same one query."""
    wanted = Invitation.objects.admitting(user_id).filter(token_hash=keyed_hash(INVITATION_PURPOSE, token))
    invitation = wanted.select_related("community", "role", "inviter__user").first()
    if invitation is None:
        raise InvalidInvitation
    return invitation


def start_joining(*, token: str, user_id: Any = None) -> PendingJoin:
    """Someone agreed to the rules; signing up may lie between this and joining. Spends nothing.

    Raises: InvalidInvitation.
    """
    return PendingJoin.objects.create(invitation=find_open_invitation(token=token, user_id=user_id))


def find_begun_joining(*, pending_id: Any, user_id: Any) -> PendingJoin:
    """Raises: InvalidInvitation where it is unknown or its invitation admits nobody, or not this account, any more."""
    begun = PendingJoin.objects.filter(pk=pending_id, invitation__in=Invitation.objects.admitting(user_id))
    pending = begun.select_related("invitation__community").first()
    if pending is None:
        raise InvalidInvitation
    return pending


def stop_joining(*, pending_id: Any) -> bool:
    """Forget that somebody agreed. Returns whether there was something to forget."""
    return bool(PendingJoin.objects.filter(pk=pending_id).delete()[0])


def join(*, pending: PendingJoin, user: Any, display_name: str, introduction: str = "") -> Membership:
    """Enter the community by an invitation, with its role and the rooms it names.

    The conditional UPDATE and its row count decide who gets the last use; it stands in one transaction with the
    membership, so that a refused name does not use it up. The account's row is locked first: joinings of one account
    stand in a line, and banning it stands in the same line. For a member nothing changes and nothing is spent.
    Raises: InvalidInvitation, also for the banned and suspended; ValidationError for a name that is taken or looks like
    another's.
    Emits: member_joined.
    """
    name = tidy_name(display_name)
    _check_text(introduction, longest=300)
    with transaction.atomic():
        if not User.objects.select_for_update(no_key=True).filter(pk=user.pk, is_active=True).exists():
            raise InvalidInvitation
        invitation = Invitation.objects.select_related("role").filter(pk=pending.invitation_id).first()
        if invitation is None:
            raise InvalidInvitation
        present = _find_present(invitation.community_id, user)
        # A begun joining is good once, even where several browsers or accounts present it.
        if not PendingJoin.objects.filter(pk=pending.pk).delete()[0] and present is None:
            raise InvalidInvitation
        if present is not None:
            return present
        if not Invitation.objects.open().filter(pk=invitation.pk).update(uses=F("uses") + 1):
            raise InvalidInvitation
        member = _enter(invitation, user, name, introduction, pending)
        transaction.on_commit(partial(member_joined.send, sender=Membership, membership_id=member.pk), robust=True)
    return member


def _find_present(community_id: Any, user: Any) -> Membership | None:
    """The account's membership, where it has one. Raises: InvalidInvitation for the banned and the suspended."""
    own = Membership.objects.filter(community_id=community_id, user=user)
    if own.kept_out().exists():
        raise InvalidInvitation
    return own.filter(left_at=None).first()


def _enter(invitation: Invitation, user: Any, name: str, introduction: str, pending: PendingJoin) -> Membership:
    _check_name_is_free(invitation.community_id, name)
    try:
        with transaction.atomic():
            member = Membership.objects.create(
                id=pending.pk,  # as random, and the colour drawn from it is the one that the preview showed
                community_id=invitation.community_id,
                user=user,
                role=invitation.role,
                display_name=name,
                name_skeleton=skeleton(name),
                introduction=introduction.strip(),
                invitation=invitation,
                agreed_to_rules_at=pending.agreed_at,
            )
    except IntegrityError:  # someone took the name between the question and the answer
        raise _name_is_taken() from None
    rooms = invitation.rooms.filter(community_id=invitation.community_id)
    RoomMember.objects.bulk_create(RoomMember(room=room, membership=member) for room in rooms)
    return member


def rename_member(*, member: Membership, display_name: str, introduction: str) -> None:
    """Change one's own name and introduction; names that look alike are refused.

    Raises: ValidationError. Emits: member_renamed where the name changed.
    """
    name = tidy_name(display_name)
    _check_text(introduction, longest=300)
    _check_name_is_free(member.community_id, name, but=member)
    own = Membership.objects.filter(pk=member.pk, left_at=None)
    try:
        with transaction.atomic():
            # Counted in the database: two renamings at once must not end on the same version.
            is_renamed = bool(
                own.exclude(display_name=name).update(
                    display_name=name, name_skeleton=skeleton(name), profile_version=F("profile_version") + 1
                )
            )
            own.update(introduction=introduction.strip())
            if is_renamed:
                told = partial(member_renamed.send, sender=Membership, membership_id=member.pk)
                transaction.on_commit(told, robust=True)
    except IntegrityError:
        raise _name_is_taken() from None
    member.refresh_from_db(fields=["display_name", "name_skeleton", "introduction", "profile_version"])


def _check_name_is_free(community_id: Any, name: str, but: Membership | None = None) -> None:
    alike = Membership.objects.filter(community_id=community_id, name_skeleton=skeleton(name), left_at=None)
    if (alike.exclude(pk=but.pk) if but else alike).exists():
        raise _name_is_taken()


def _name_is_taken() -> ValidationError:
    return ValidationError(_("Someone here has this name or one that looks like it. Choose another."), code="taken")


@transaction.atomic
def remove_member(*, actor: Membership, member: Membership) -> None:
    """Take someone out of the community at once; they may be invited again. Raises: PermissionDenied."""
    check_remove_member(actor, member)
    _lock(actor, member)
    _end(member, left_at=timezone.now())


@transaction.atomic
def ban_member(*, actor: Membership, member: Membership) -> None:
    """Exclude someone at once, for good, also where they have left. Raises: PermissionDenied."""
    check_ban_member(actor, member)
    _lock(actor, member)
    now = timezone.now()
    _end(member, banned_at=now)
    if member.user_id is None:
        return
    # Who left and came back has two memberships; whichever of them was meant, the present one ends.
    own = Membership.objects.filter(community_id=member.community_id, user_id=member.user_id)
    for present in own.filter(banned_at=None, left_at=None).select_related("role"):
        check_ban_member(actor, present)
        _end(present, banned_at=now)


@transaction.atomic
def suspend_member(*, actor: Membership, member: Membership, for_: timedelta) -> None:
    """Keep someone out for a while, at once. Raises: PermissionDenied."""
    check_ban_member(actor, member)
    _lock(actor, member)
    _end(member, suspended_until=timezone.now() + for_)


def _lock(actor: Membership, member: Membership) -> None:
    """Against joining (the account's row) and against two who end each other: the second one no longer may.

    Raises: PermissionDenied where the actor has been kept out meanwhile.
    """
    if member.user_id is not None:
        list(User.objects.select_for_update(no_key=True).filter(pk=member.user_id))
    both = Membership.objects.select_for_update(no_key=True).filter(pk__in=[actor.pk, member.pk]).order_by("pk")
    list(both)
    if not Membership.objects.current().filter(pk=actor.pk).exists():
        raise PermissionDenied


def _end(member: Membership, **state: Any) -> None:
    members = Membership.objects.filter(pk=member.pk)
    if "left_at" in state:
        members = members.filter(left_at=None)  # when someone left does not change afterwards
    if not members.update(**state):
        return
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
    long_ago = now - timedelta(days=90)
    return stale + Invitation.objects.filter(Q(expires_at__lt=long_ago) | Q(revoked_at__lt=long_ago)).delete()[0]
