"""Taking someone out: removal, ban, suspension. At once, open sockets included."""

from datetime import timedelta
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from communities.actions.shared import cut_on_commit
from communities.models import (
    Invitation,
    Membership,
)
from communities.permissions import (
    check_ban_member,
    check_remove_member,
)
from communities.signals import member_removed


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
    cut_on_commit(member)
    transaction.on_commit(partial(member_removed.send, sender=Membership, membership_id=member.pk), robust=True)
