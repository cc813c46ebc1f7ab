"""Signed links that sign a demo person in. Only in demo mode: nothing of this package is imported elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from django.core import signing
from django.urls import reverse

from accounts.models import User
from communities.models import Membership

DOMAIN = "demo.example"
LINK_LASTS = timedelta(hours=12)
MOST_PER_COMMUNITY = 4
_SALT = "operations.demo.sign-in"
#: Who is shown first: the roles with the most to try out.
_ORDER = {"owner": 0, "moderator": 1, "member": 2, "guest": 3}


@dataclass(frozen=True, slots=True)
class DemoPerson:
    name: str
    role: str
    community: str
    path: str


def people() -> Iterator[DemoPerson]:
    """A handful of each community."""
    memberships = (
        Membership.objects.filter(user__email__iendswith=f"@{DOMAIN}", left_at=None, banned_at=None)
        .select_related("user", "role", "community")
        .order_by("community__created_at", "community_id", "joined_at", "id")
    )
    for _, group in groupby(memberships, key=lambda membership: membership.community_id):
        for membership in sorted(group, key=lambda one: _ORDER.get(one.role.code, 9))[:MOST_PER_COMMUNITY]:
            yield DemoPerson(
                name=membership.display_name,
                role=membership.role.code,
                community=membership.community.name,
                path=reverse("demo_sign_in", args=[sign(membership)]),
            )


def sign(membership: Membership) -> str:
    return signing.dumps(str(membership.pk), salt=_SALT)


def person_of(signed: str) -> tuple[User, str] | None:
    """The account and the name a link stands for, or None where it is wrong or too old."""
    try:
        key = signing.loads(signed, salt=_SALT, max_age=LINK_LASTS)
    except signing.BadSignature:
        return None
    membership = Membership.objects.filter(pk=key, user__email__iendswith=f"@{DOMAIN}").select_related("user").first()
    if membership is None or not isinstance(membership.user, User):
        return None
    return membership.user, membership.display_name
