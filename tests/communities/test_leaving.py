"""Taking someone out: at once, with their invitations and open sockets."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from communities import actions
from communities.models import Community, Membership
from communities.signals import member_removed
from tests import factories
from tests.communities.test_joining import at_once, begin


@pytest.fixture
def removed() -> Iterator[list[Any]]:
    """Memberships whose end was told. That sockets are cut is tested on real ones (tests/realtime)."""
    told: list[Any] = []

    def hear(membership_id: Any, **kwargs: Any) -> None:
        told.append(membership_id)

    member_removed.connect(hear)
    yield told
    member_removed.disconnect(hear)


def is_in(member: Membership) -> bool:
    return Membership.objects.of_account(member.user_id).filter(community_id=member.community_id).exists()


@pytest.mark.parametrize("way", ["remove", "ban", "suspend"])
def test_who_is_taken_out_is_out_at_once(
    ada: Membership,
    mo: Membership,
    way: str,
    removed: list[Any],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    invitation, _token = actions.invite(community=mo.community, inviter=mo)
    foreign, _token = actions.invite(community=mo.community, inviter=ada)
    with django_capture_on_commit_callbacks(execute=True):
        if way == "remove":
            actions.remove_member(actor=ada, member=mo)
        elif way == "ban":
            actions.ban_member(actor=ada, member=mo)
        else:
            actions.suspend_member(actor=ada, member=mo, for_=timedelta(days=1))
    assert not is_in(mo)
    assert removed == [mo.pk]
    invitation.refresh_from_db()
    foreign.refresh_from_db()
    assert not invitation.is_open
    assert foreign.is_open


def test_a_suspension_ends_by_itself(mo: Membership, mel: Membership) -> None:
    actions.suspend_member(actor=mo, member=mel, for_=timedelta(days=1))
    Membership.objects.filter(pk=mel.pk).update(suspended_until=timezone.now() - timedelta(seconds=1))
    assert is_in(mel)


def test_who_left_and_came_back_is_suspended_as_they_are_now(ada: Membership, mo: Membership, mel: Membership) -> None:
    actions.remove_member(actor=ada, member=mel)
    mel.refresh_from_db()
    assert mel.user is not None
    _invitation, token = actions.invite(community=mel.community)
    again = actions.join(pending=actions.start_joining(token=token), user=mel.user, display_name="Mel")
    actions.suspend_member(actor=mo, member=mel, for_=timedelta(days=1))
    assert not is_in(again)


def test_without_the_right_nothing_happens(ada: Membership, mel: Membership, bea: Membership) -> None:
    for act in (actions.remove_member, actions.ban_member):
        with pytest.raises(PermissionDenied):
            act(actor=mel, member=bea)
    with pytest.raises(PermissionDenied):
        actions.suspend_member(actor=mel, member=ada, for_=timedelta(days=1))
    assert is_in(bea)
    assert is_in(ada)


def test_when_someone_left_does_not_change(ada: Membership, mel: Membership) -> None:
    actions.remove_member(actor=ada, member=mel)
    mel.refresh_from_db()
    left_at = mel.left_at
    actions.remove_member(actor=ada, member=mel)
    mel.refresh_from_db()
    assert mel.left_at == left_at


def test_banning_the_old_membership_ends_the_new_one(circle: Community, ada: Membership, mel: Membership) -> None:
    actions.remove_member(actor=ada, member=mel)
    again = actions.join(pending=begin(circle), user=mel.user, display_name="Mel")
    actions.ban_member(actor=ada, member=mel)
    assert not is_in(again)


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_remove_each_other_leave_one(circle: Community, ada: Membership) -> None:
    eve = factories.member(circle, "Eve", role="owner")
    at_once(lambda: actions.remove_member(actor=ada, member=eve), lambda: actions.remove_member(actor=eve, member=ada))
    assert is_in(ada) != is_in(eve)


@pytest.mark.django_db(transaction=True)
def test_an_invitation_made_meanwhile_does_not_outlive_its_inviter(
    circle: Community, ada: Membership, mo: Membership
) -> None:
    at_once(lambda: actions.remove_member(actor=ada, member=mo), lambda: actions.invite(community=circle, inviter=mo))
    assert not any(invitation.is_open for invitation in mo.invitations.all())


def test_rooms_have_members_of_their_own_community(mel: Membership) -> None:
    cellar = factories.room(factories.community("other"), "Cellar")
    with pytest.raises(ValueError, match="own community"):
        actions.choose_room_member(room=cellar, membership=mel)
