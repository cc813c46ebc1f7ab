"""What each of the cast sees."""

from communities.actions import invite
from communities.models import Community, Invitation, Membership, Room
from tests import factories


def rooms_of(viewer: Membership) -> set[str]:
    return set(Room.objects.visible_to(viewer).values_list("name", flat=True))


def people_of(viewer: Membership) -> set[str]:
    return set(Membership.objects.visible_to(viewer).values_list("display_name", flat=True))


def test_rooms_for_all_and_rooms_of_the_chosen(
    hall: Room, porch: Room, attic: Room, ada: Membership, mo: Membership, mel: Membership, mute: Membership
) -> None:
    assert rooms_of(ada) == rooms_of(mo) == {"Hall", "Porch", "Attic"}
    assert rooms_of(mel) == rooms_of(mute) == {"Hall", "Porch"}


def test_guests_see_the_rooms_they_were_chosen_for(hall: Room, attic: Room, porch: Room, gus: Membership) -> None:
    assert rooms_of(gus) == {"Porch"}


def test_rooms_of_another_community_are_not_there(hall: Room, mel: Membership) -> None:
    other = factories.community("other")
    factories.room(other, "Cellar")
    twin = factories.member(other, "Mel", user=mel.user)
    assert rooms_of(mel) == {"Hall"}
    assert rooms_of(twin) == {"Cellar"}


def test_members_see_members_and_guests_themselves(
    ada: Membership, mel: Membership, gus: Membership, bea: Membership
) -> None:
    factories.member(factories.community("other"), "Stranger")
    bea.left_at = bea.joined_at
    bea.save()
    assert people_of(ada) == people_of(mel) == {"Ada", "Mel", "Gus"}
    assert people_of(gus) == {"Gus"}


def test_only_present_members_act(circle: Community, mel: Membership, bert: Membership, mute: Membership) -> None:
    assert set(Membership.objects.current()) == {mel, mute}
    assert not Membership.objects.of_account(bert.user_id).exists()


def test_a_deactivated_account_has_no_membership(mel: Membership) -> None:
    assert mel.user is not None
    assert Membership.objects.of_account(mel.user_id).exists()
    mel.user.is_active = False
    mel.user.save()
    assert not Membership.objects.of_account(mel.user_id).exists()


def test_who_sees_which_invitations(
    circle: Community, ada: Membership, mo: Membership, mel: Membership, gus: Membership
) -> None:
    by_ada = invite(community=circle, inviter=ada)[0]
    by_mo = invite(community=circle, inviter=mo)[0]
    by_command = invite(community=circle)[0]
    invite(community=factories.community("other"))
    assert set(Invitation.objects.visible_to(ada)) == {by_ada, by_mo, by_command}
    assert set(Invitation.objects.visible_to(mo)) == {by_ada, by_mo, by_command}
    assert not Invitation.objects.visible_to(mel).exists()
    assert not Invitation.objects.visible_to(gus).exists()


def test_one_keeps_seeing_ones_own_invitations(circle: Community, mo: Membership) -> None:
    own = invite(community=circle, inviter=mo)[0]
    invite(community=circle)
    mo.role = circle.roles.get(code="member")
    mo.save()
    assert list(Invitation.objects.visible_to(Membership.objects.get(pk=mo.pk))) == [own]
