"""A founded community has four roles, each with a group that carries rights and no people."""

from django.contrib.auth.models import Group
from guardian.shortcuts import get_perms

from communities.actions import found_community
from communities.models import Community, CommunityRight, Membership
from communities.permissions import rights_of
from communities.rights import BUILT_IN
from tests import factories


def test_each_role_owns_a_group_of_its_own(circle: Community) -> None:
    roles = list(circle.roles.all())
    assert {role.code for role in roles} == set(BUILT_IN)
    assert {role.group.name for role in roles} == {f"role-{role.pk}" for role in roles}


def test_rights_are_guardians_rows_of_that_group(circle: Community) -> None:
    for role in circle.roles.all():
        rows = CommunityRight.objects.filter(group=role.group, content_object=circle)
        assert set(rows.values_list("permission__codename", flat=True)) == {
            right.value for right in BUILT_IN[role.code]
        }


def test_guardian_itself_agrees_with_us(circle: Community, ada: Membership, mo: Membership, gus: Membership) -> None:
    other = found_community(name="Other", slug="other")
    for member in (ada, mo, gus):
        assert set(get_perms(member.role.group, circle)) == rights_of(member)
        assert not get_perms(member.role.group, other)


def test_nobody_is_put_into_a_group(ada: Membership, gus: Membership) -> None:
    # Our accounts have no groups at all: the link is a membership's role.
    assert not hasattr(ada.user, "groups")
    assert not [field for field in Group._meta.related_objects if field.related_model is type(ada.user)]


def test_a_role_takes_its_group_with_it(circle: Community) -> None:
    role = circle.roles.get(code="guest")
    role.delete()
    assert not Group.objects.filter(pk=role.group_id).exists()
    assert not CommunityRight.objects.filter(group_id=role.group_id).exists()


def test_two_communities_share_no_role(circle: Community) -> None:
    other = factories.community("other")
    assert not set(circle.roles.values_list("group", flat=True)) & set(other.roles.values_list("group", flat=True))
