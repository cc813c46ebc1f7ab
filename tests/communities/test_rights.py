"""Who may do what, each with the one who may not."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from communities import actions, permissions
from communities.actions import invite
from communities.models import Community, Membership, Role
from communities.rights import Right
from tests import factories


@pytest.fixture
def stranger(db: None) -> Membership:
    """Owner of another community."""
    return factories.member(factories.community("other"), "Stranger", role="owner")


def role(place: Community, code: str) -> Role:
    return place.roles.get(code=code)


def test_a_hundred_questions_cost_one_query(ada: Membership, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    ada = Membership.objects.get(pk=ada.pk)
    with django_assert_num_queries(1):
        assert all(permissions.grants(ada, right) for _ in range(5) for right in Right)


def test_members_may_write_and_not_moderate(mel: Membership) -> None:
    permissions.check_right(mel, Right.WRITE_MESSAGES)
    with pytest.raises(PermissionDenied):
        permissions.check_right(mel, Right.MODERATE)


@pytest.mark.parametrize("standing", ["muted_until", "read_only_until"])
def test_the_silenced_read_only_until_it_ends(mel: Membership, standing: str) -> None:
    setattr(mel, standing, timezone.now() + timedelta(minutes=1))
    with pytest.raises(PermissionDenied):
        permissions.check_may_write(mel)
    setattr(mel, standing, timezone.now() - timedelta(minutes=1))
    permissions.check_may_write(mel)


def test_moderators_invite_and_members_do_not(circle: Community, mo: Membership, mel: Membership) -> None:
    permissions.check_invite_members(mo, role(circle, "guest"))
    permissions.check_invite_members(mo, role(circle, "member"))
    with pytest.raises(PermissionDenied):
        permissions.check_invite_members(mel, role(circle, "member"))


@pytest.mark.parametrize("code", ["moderator", "owner"])
def test_only_who_manages_roles_invites_into_a_higher_one(
    circle: Community, ada: Membership, mo: Membership, code: str
) -> None:
    permissions.check_invite_members(ada, role(circle, code))
    with pytest.raises(PermissionDenied):
        permissions.check_invite_members(mo, role(circle, code))


def test_nobody_invites_into_another_community(circle: Community, stranger: Membership) -> None:
    with pytest.raises(PermissionDenied):
        permissions.check_invite_members(stranger, role(circle, "member"))


def test_ones_own_invitation_and_those_one_moderates(
    circle: Community, ada: Membership, mo: Membership, mel: Membership, stranger: Membership
) -> None:
    invitation, _token = invite(community=circle, inviter=ada)
    permissions.check_revoke_invitation(ada, invitation)
    permissions.check_revoke_invitation(mo, invitation)
    for refused in (mel, stranger):
        with pytest.raises(PermissionDenied):
            permissions.check_revoke_invitation(refused, invitation)


def test_owners_remove_and_moderators_do_not(
    ada: Membership, mo: Membership, mel: Membership, stranger: Membership
) -> None:
    permissions.check_remove_member(ada, mel)
    for actor, member in ((mo, mel), (mel, mo), (ada, ada), (stranger, mel)):
        with pytest.raises(PermissionDenied):
            permissions.check_remove_member(actor, member)


def test_moderators_ban_those_below_them(
    circle: Community, ada: Membership, mo: Membership, mel: Membership, gus: Membership, stranger: Membership
) -> None:
    other = factories.member(circle, "Other", role="moderator")
    permissions.check_ban_member(mo, mel)
    permissions.check_ban_member(mo, gus)
    permissions.check_ban_member(ada, mo)
    for actor, member in ((mo, ada), (mo, other), (mo, mo), (mel, gus), (stranger, mel)):
        with pytest.raises(PermissionDenied):
            permissions.check_ban_member(actor, member)


def test_letting_in_again_takes_the_right_to_keep_out(mo: Membership, mel: Membership, bea: Membership) -> None:
    actions.suspend_member(actor=mo, member=bea, for_=timedelta(days=1))
    for act in (actions.unban_member, actions.lift_suspension):
        with pytest.raises(PermissionDenied):
            act(actor=mel, member=bea)
    assert actions.lift_suspension(actor=mo, member=bea)
