"""The copy holds one's own data only; erasing leaves a former member."""

from typing import Any

from communities.actions import InvalidInvitation, choose_room_member, find_open_invitation, invite
from communities.actions.visiting import visit
from communities.models import Community, Membership, Room, RoomMember, Visit
from communities.personal_data.memberships import Visits
from core.personal_data import Keep, declarations
from tests import factories

ALL = tuple(declared for declared in declarations if type(declared).__module__.startswith("communities.personal_data"))


def copy_of(person: Any) -> str:
    found = [part for declared in ALL for part in declared.export(person)]
    return repr(found)


def erase(member: Membership) -> None:
    for declared in ALL:
        declared.erase(member, Keep.DELETE)


def test_the_copy_has_ones_own_data_of_all_communities(circle: Community, attic: Room, mo: Membership) -> None:
    invite(community=circle, inviter=mo, label="For Nora", note="Come in")
    factories.member(factories.community("other"), "Moritz", user=mo.user)
    copy = copy_of(mo.user)
    for own in ("'Mo'", "moderator", "Attic", "For Nora", "Come in", "Moritz", "'Other'"):
        assert own in copy


def test_the_copy_says_when_one_was_here(circle: Community, mel: Membership, ada: Membership) -> None:
    assert copy_of(mel.user).count("'visits/") == 0
    visit(member=mel)
    visit(member=ada)
    kept = Visit.objects.get(membership=mel)
    times = {"before": kept.since, "began_at": kept.began_at, "last_at": kept.last_at}
    told = {name: moment.isoformat() for name, moment in times.items()}
    assert list(Visits().export(mel.user)) == [  # type: ignore[arg-type]
        (f"visits/{mel.pk}", {"community": circle.name, **told})
    ]
    assert copy_of(mel.user).count("'visits/") == 1


def test_the_copy_has_nothing_of_others(circle: Community, attic: Room, ada: Membership, mel: Membership) -> None:
    invite(community=circle, inviter=ada, label="For Nora", note="Come in")
    copy = copy_of(mel.user)
    for foreign in ("Ada", "Attic", "Nora", "Come in", str(ada.pk), "token"):
        assert foreign not in copy


def test_erasing_leaves_a_former_member(circle: Community, hall: Room, mo: Membership, ada: Membership) -> None:
    _own, token = invite(community=circle, inviter=mo, label="For Nora", note="Come in")
    other, _token = invite(community=circle, inviter=ada, label="For Nils")
    choose_room_member(room=hall, membership=mo)
    choose_room_member(room=hall, membership=ada)
    visit(member=mo)
    visit(member=ada)
    person = mo.user
    erase(mo)
    mo.refresh_from_db()
    assert (mo.user, mo.display_name, mo.name_skeleton, mo.introduction) == (None, "", "", "")
    assert mo.left_at is not None
    assert mo.profile_version == 2
    try:
        find_open_invitation(token=token)
    except InvalidInvitation:
        pass
    else:
        raise AssertionError("The invitation outlived its inviter.")
    assert list(mo.invitations.values_list("label", "note")) == [("", "")]
    assert copy_of(person) == "[]"
    other.refresh_from_db()
    assert (other.label, other.is_open) == ("For Nils", True)
    assert list(RoomMember.objects.filter(room=hall).values_list("membership", flat=True)) == [ada.pk]
    assert list(Visit.objects.values_list("membership", flat=True)) == [ada.pk]


def test_two_former_members_do_not_collide(mel: Membership, bea: Membership) -> None:
    erase(mel)
    erase(bea)
    assert Membership.objects.filter(display_name="").count() == 2
