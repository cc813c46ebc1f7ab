"""Invitations: made, found, ended."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from communities import actions
from communities.actions import InvalidInvitation, find_open_invitation, invite, revoke_invitation
from communities.models import Community, Invitation, Membership, PendingJoin, Room
from tests import factories
from tests.communities.test_joining import at_once


def test_the_token_is_stored_as_a_hash_only(circle: Community, ada: Membership) -> None:
    invitation, token = invite(community=circle, inviter=ada, note="Welcome")
    row = Invitation.objects.filter(pk=invitation.pk).values().get()
    assert len(token) == 32
    assert token not in str(row)
    assert find_open_invitation(token=token) == invitation


def test_one_use_and_seven_days_by_default(circle: Community) -> None:
    invitation, _token = invite(community=circle)
    assert invitation.max_uses == 1
    assert timedelta(days=6, hours=23) < invitation.expires_at - timezone.now() <= timedelta(days=7)
    assert invitation.role.code == "member"


@pytest.mark.parametrize("end", ["expired", "revoked", "used"])
def test_an_ended_invitation_and_a_wrong_token_are_the_same_answer(
    circle: Community, ada: Membership, end: str
) -> None:
    invitation, token = invite(community=circle, inviter=ada)
    if end == "expired":
        Invitation.objects.update(expires_at=timezone.now())
    elif end == "revoked":
        assert revoke_invitation(actor=ada, invitation=invitation)
        assert not revoke_invitation(actor=ada, invitation=invitation)
    else:
        Invitation.objects.update(uses=1)
    invitation.refresh_from_db()
    assert not invitation.is_open
    for presented in (token, "wrong", "", "\x00", "ä" * 300):
        with pytest.raises(InvalidInvitation):
            find_open_invitation(token=presented)


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_at_once_makes_one_invitation(circle: Community, ada: Membership) -> None:
    form_id = uuid.uuid4()
    answers = at_once(*[lambda: invite(community=circle, inviter=ada, label="Nora", form_id=form_id)] * 4)
    assert len(set(answers)) == 1, answers
    (invitation, token), *_others = answers
    assert Invitation.objects.get() == invitation
    assert find_open_invitation(token=token) == invitation
    assert len(token) == 32


def test_a_form_makes_one_invitation_even_without_the_lock(circle: Community, ada: Membership) -> None:
    made, _token = invite(community=circle, inviter=ada, form_id=uuid.uuid4())
    made.pk, made.token_hash = uuid.uuid4(), "other"
    with pytest.raises(IntegrityError), transaction.atomic():
        made.save(force_insert=True)


def test_rooms_are_kept(circle: Community, ada: Membership, attic: Room) -> None:
    invitation, _token = invite(community=circle, inviter=ada, role="guest", rooms=[attic])
    assert list(invitation.rooms.all()) == [attic]


def test_rooms_of_another_community_are_refused(circle: Community, ada: Membership) -> None:
    cellar = factories.room(factories.community("other"), "Cellar")
    with pytest.raises(ValidationError):
        invite(community=circle, inviter=ada, rooms=[cellar])
    assert not Invitation.objects.exists()


def test_nobody_invites_into_a_room_they_do_not_see(circle: Community, mo: Membership, ada: Membership) -> None:
    secret = factories.room(circle, "Secret", chosen=[ada])
    with pytest.raises(PermissionDenied):
        invite(community=circle, inviter=mo, rooms=[secret])
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"max_uses": 0}, {"max_uses": 51}, {"days": 0}, {"days": 91}, {"label": "x" * 61}, {"note": "a\x00"}]
)
def test_what_cannot_be_is_refused(circle: Community, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        invite(community=circle, **wrong)


def test_the_removed_no_longer_invite(circle: Community, ada: Membership, mo: Membership) -> None:
    actions.remove_member(actor=ada, member=mo)
    with pytest.raises(PermissionDenied):
        invite(community=circle, inviter=mo)


def test_stale_joinings_and_old_invitations_go(circle: Community) -> None:
    fresh, token = invite(community=circle)
    kept = actions.start_joining(token=token)
    old = actions.start_joining(token=token)
    PendingJoin.objects.filter(pk=old.pk).update(agreed_at=timezone.now() - timedelta(days=8))
    ended, other = invite(community=circle)
    actions.start_joining(token=other)
    Invitation.objects.filter(pk=ended.pk).update(expires_at=timezone.now() - timedelta(days=91))
    actions.delete_stale_joining()
    assert list(PendingJoin.objects.all()) == [kept]
    assert list(Invitation.objects.all()) == [fresh]
