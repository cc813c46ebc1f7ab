"""Who may do what inside a community. Guardian's rows are read here and nowhere else."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from communities.models import CommunityRight, Invitation, Membership, Role
from communities.rights import Right
from core.installation import installation
from core.models import Installation


def rights_of(member: Membership) -> frozenset[str]:
    """All rights of the member's role: one query, kept on the object for the request."""
    known: frozenset[str] | None = getattr(member, "_rights", None)
    if known is None:
        rows = CommunityRight.objects.filter(group__role=member.role_id, content_object=member.community_id)
        known = keep_rights(member, rows.values_list("permission__codename", flat=True))
    return known


def keep_rights(member: Membership, rights: Iterable[str]) -> frozenset[str]:
    """Remember on the object what was read from the rows, for as long as the object lives."""
    kept = frozenset(rights)
    member._rights = kept  # type: ignore[attr-defined]
    return kept


def grants(member: Membership, right: Right) -> bool:
    """Whether the member's role holds the right."""
    return right.value in rights_of(member)


def check_right(member: Membership, right: Right) -> None:
    """Raises: PermissionDenied where the member's role does not hold the right."""
    if not grants(member, right):
        raise PermissionDenied(
            _("Your role in this group does not include this. Whoever is responsible for the group can tell you more.")
        )


def check_may_write(member: Membership) -> None:
    """Raises: PermissionDenied while the member is muted or read-only, lacks the right to write, or all is archived."""
    now = timezone.now()
    if member.community.archived_at:
        raise PermissionDenied(_("This group is archived: it can be read, and nothing in it changes any more."))
    if (member.muted_until and member.muted_until > now) or (member.read_only_until and member.read_only_until > now):
        raise PermissionDenied(_("You can read here at the moment, but not write."))
    check_right(member, Right.WRITE_MESSAGES)


def check_found_community(user: User) -> None:
    """Raises: PermissionDenied unless this account may found communities here."""
    anyone = installation().founders == Installation.Founders.ANYONE
    if not user.is_active or not (anyone or user.is_operator):
        raise PermissionDenied(_("Here only those who run this place found groups. Ask them."))


#: By one account, of those it is still in; whoever runs the place founds as many as are needed.
MOST_FOUNDED = 2


def check_found_another(user: User) -> None:
    """Raises: PermissionDenied where this account has founded as many communities as one may."""
    if (
        not user.is_operator
        and Membership.objects.filter(user=user, is_founder=True, left_at=None).count() >= MOST_FOUNDED
    ):
        raise PermissionDenied(_("You have founded two groups here. More than that nobody founds by themselves."))


def check_invite_members(member: Membership, role: Role) -> None:
    """Raises: PermissionDenied without the right to invite, and for roles that one may not give to others."""
    check_right(member, Right.INVITE_MEMBERS)
    if role.community_id != member.community_id:
        raise PermissionDenied(_("You cannot do this to this person."))
    if role.code not in {Role.Code.MEMBER, Role.Code.GUEST}:
        check_right(member, Right.MANAGE_ROLES)


def _check_same_community(actor: Membership, community_id: Any) -> None:
    """Rights end where the community ends."""
    if actor.community_id != community_id:
        raise PermissionDenied(_("You cannot do this to this person."))


def check_revoke_invitation(member: Membership, invitation: Invitation) -> None:
    """Raises: PermissionDenied unless it is one's own, or one moderates or manages members."""
    _check_same_community(member, invitation.community_id)
    if invitation.inviter_id == member.pk or grants(member, Right.MODERATE):
        return
    check_right(member, Right.MANAGE_MEMBERS)


def check_consent(member: Membership, invitation: Invitation) -> None:
    """Raises: PermissionDenied unless one owns the community that the operators of the place ask."""
    _check_same_community(member, invitation.community_id)
    if member.role.code != Role.Code.OWNER:
        raise PermissionDenied(_("Only those who are responsible for this group can answer the operators."))


def check_remove_member(actor: Membership, member: Membership) -> None:
    """Raises: PermissionDenied without the right, on oneself, and on people of the same or a higher role, but
    for owners."""
    _check_same_community(actor, member.community_id)
    check_right(actor, Right.MANAGE_MEMBERS)
    is_above = member.role.rank >= actor.role.rank and not actor.role.is_owner
    if actor.pk == member.pk or is_above:
        raise PermissionDenied(_("You cannot do this to this person."))


def check_ban_member(actor: Membership, member: Membership) -> None:
    """Raises: PermissionDenied without the right to moderate, on oneself, on people of the same or a higher role."""
    _check_same_community(actor, member.community_id)
    check_right(actor, Right.MODERATE)
    if actor.pk == member.pk or member.role.rank >= actor.role.rank:
        raise PermissionDenied(_("You cannot do this to this person."))
