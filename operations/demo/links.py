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
_SALT = "operations.demo.sign-in"
#: How many of each role, those with the most to try out first; of members the oldest and the newest see most of it.
_MOST = {"owner": 1, "moderator": 1, "member": 2, "guest": 1}


@dataclass(frozen=True, slots=True)
class DemoPerson:
    name: str
    role: str
    community: str
    path: str


def people() -> Iterator[DemoPerson]:
    """A handful of each community: of each role somebody."""
    memberships = (
        Membership.objects.filter(user__email__iendswith=f"@{DOMAIN}", left_at=None, banned_at=None)
        .select_related("user", "role", "community")
        .order_by("community__created_at", "community_id", "joined_at", "id")
    )
    for _, group in groupby(memberships, key=lambda membership: membership.community_id):
        everybody = list(group)
        for membership in (one for role, most in _MOST.items() for one in _ends(everybody, role, most)):
            yield DemoPerson(
                name=membership.display_name,
                role=_role(membership),
                community=membership.community.name,
                path=reverse("demo_sign_in", args=[sign(membership)]),
            )


def _role(membership: Membership) -> str:
    runs_it = isinstance(membership.user, User) and membership.user.is_operator
    return f"{membership.role.code}, runs the place" if runs_it else membership.role.code


def _ends(people: list[Membership], role: str, most: int) -> list[Membership]:
    held = [person for person in people if person.role.code == role]
    return held if len(held) <= most else [held[0], *held[-1:]][:most]


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
