"""Choosing to be seen here and writing, and switching both off for everybody. At once, on open pages too."""

from functools import partial

from django.db import transaction

from communities.actions.shared import cut_on_commit
from communities.models import Community, Membership
from communities.permissions import check_right
from communities.rights import Right
from realtime.publish import revoke_all


@transaction.atomic
def choose_presence(*, member: Membership, shows_presence: bool, shows_typing: bool) -> bool:
    """What others may see of oneself in this community from now on. Returns whether something changed."""
    chosen = {"shows_presence": shows_presence, "shows_typing": shows_typing}
    others = Membership.objects.filter(pk=member.pk, left_at=None).exclude(**chosen)
    if not others.update(**chosen):
        return False
    member.shows_presence, member.shows_typing = shows_presence, shows_typing
    cut_on_commit(member)
    return True


@transaction.atomic
def allow_presence(
    *, actor: Membership | None, community: Community, allows_presence: bool, allows_typing: bool
) -> bool:
    """Whether the community shows who is here and who is writing. Returns whether something changed.

    `actor` is None for whoever operates the server. Raises: PermissionDenied.
    """
    if actor is not None:
        check_right(actor, Right.MANAGE_SETTINGS)
    allowed = {"allows_presence": allows_presence, "allows_typing": allows_typing}
    if not Community.objects.filter(pk=community.pk).exclude(**allowed).update(**allowed):
        return False
    community.allows_presence, community.allows_typing = allows_presence, allows_typing
    accounts = Membership.objects.filter(community=community, left_at=None).exclude(user=None)
    transaction.on_commit(partial(revoke_all, list(accounts.values_list("user_id", flat=True))), robust=True)
    return True
