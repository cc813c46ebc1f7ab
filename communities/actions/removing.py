"""Taking someone out: removal, ban, suspension, and the way back. At once, open sockets included.

`actor` is None for whoever operates the server: the command line asks no role. It has no default, so that no caller
becomes the operator by forgetting it.
"""

from datetime import timedelta
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from communities.actions.names import keep_former_name
from communities.actions.shared import cut_on_commit
from communities.models import (
    Invitation,
    Membership,
)
from communities.permissions import (
    check_ban_member,
    check_remove_member,
)
from communities.querysets import MembershipQuerySet
from communities.signals import member_removed

LONGEST_SUSPENSION = timedelta(days=3650)


@transaction.atomic
def remove_member(*, actor: Membership | None, member: Membership) -> bool:
    """Take someone out of the community at once; they may be invited again. Returns whether they were still in it.

    Raises: PermissionDenied.
    """
    if actor is not None:
        check_remove_member(actor, member)
    _lock(actor, member)
    return _end(member, left_at=timezone.now())


@transaction.atomic
def ban_member(*, actor: Membership | None, member: Membership) -> bool:
    """Exclude someone at once, for good, also where they have left. Returns whether they were not banned before.

    Raises: PermissionDenied.
    """
    _check_ban(actor, member)
    _lock(actor, member)
    now = timezone.now()
    # Who left and came back has two memberships; whichever of them was meant, the present one ends.
    ended = [_end(one, banned_at=now) for one in [member, *_present(actor, member)]]
    return any(ended)


@transaction.atomic
def unban_member(*, actor: Membership | None, member: Membership) -> bool:
    """Let someone in again who was banned: who had not left is a member again, others may be invited.

    Returns whether they were banned. Raises: PermissionDenied.
    """
    _check_ban(actor, member)
    _lock(actor, member)
    return bool(_same_person(member).exclude(banned_at=None).update(banned_at=None))


@transaction.atomic
def suspend_member(*, actor: Membership | None, member: Membership, for_: timedelta) -> None:
    """Keep someone out for a while, at once. A suspension that lasts longer already stays as it is.

    Raises: PermissionDenied; ValidationError for a time that cannot be.
    """
    if not timedelta(0) < for_ <= LONGEST_SUSPENSION:
        raise ValidationError(_("A suspension lasts ten years at most."), code="duration")
    _check_ban(actor, member)
    _lock(actor, member)
    # The later of both, found in the database: PostgreSQL's GREATEST passes over an empty value.
    until = Greatest("suspended_until", timezone.now() + for_)
    for one in [member, *_present(actor, member)]:
        _end(one, suspended_until=until)
    member.refresh_from_db(fields=["suspended_until"])


@transaction.atomic
def lift_suspension(*, actor: Membership | None, member: Membership) -> bool:
    """End a suspension before its time. Returns whether there was one. Raises: PermissionDenied."""
    _check_ban(actor, member)
    _lock(actor, member)
    return bool(_same_person(member).filter(suspended_until__gt=timezone.now()).update(suspended_until=None))


def _check_ban(actor: Membership | None, member: Membership) -> None:
    if actor is not None:
        check_ban_member(actor, member)


def _same_person(member: Membership) -> MembershipQuerySet:
    """All memberships of the account in this community, those it left included; a former account's is alone."""
    own = Membership.objects.filter(community_id=member.community_id).select_related("role")
    return own.filter(user_id=member.user_id) if member.user_id is not None else own.filter(pk=member.pk)


def _present(actor: Membership | None, member: Membership) -> list[Membership]:
    """Where the person is in the community by another membership: who left and came back is meant as they are now.

    Raises: PermissionDenied where the actor may not keep that one out.
    """
    present = [one for one in _same_person(member).filter(banned_at=None, left_at=None) if one.pk != member.pk]
    for other in present:
        _check_ban(actor, other)
    return present


def _lock(actor: Membership | None, member: Membership) -> None:
    """Against joining (the account's row) and against two who end each other: the second one no longer may.

    Raises: PermissionDenied where the actor has been kept out meanwhile.
    """
    if member.user_id is not None:
        list(User.objects.select_for_update(no_key=True).filter(pk=member.user_id))
    both = [member.pk] if actor is None else [actor.pk, member.pk]
    list(Membership.objects.select_for_update(no_key=True).filter(pk__in=both).order_by("pk"))
    if actor is not None and not Membership.objects.current().filter(pk=actor.pk).exists():
        raise PermissionDenied


def _end(member: Membership, **state: Any) -> bool:
    members = Membership.objects.filter(pk=member.pk)
    for once in ("left_at", "banned_at"):
        if once in state:
            members = members.filter(**{once: None})  # when it happened does not change afterwards
    if not members.update(**state):
        return False
    if "left_at" in state:  # the banned and the suspended keep theirs: their rows still hold them
        keep_former_name(Membership.objects.get(pk=member.pk))
    Invitation.objects.filter(inviter=member, revoked_at=None).update(revoked_at=timezone.now())
    cut_on_commit(member)
    transaction.on_commit(partial(member_removed.send, sender=Membership, membership_id=member.pk), robust=True)
    return True
