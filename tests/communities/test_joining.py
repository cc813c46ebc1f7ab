"""Joining: who gets the last use, whose name is taken, who may come back."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import User
from communities import actions
from communities.actions import InvalidInvitation, invite, join, start_joining
from communities.models import Community, Invitation, Membership, PendingJoin, Room
from communities.signals import member_joined
from tests import factories


def begin(place: Community, **fields: Any) -> PendingJoin:
    _invitation, token = invite(community=place, **fields)
    return start_joining(token=token)


def uses() -> int:
    return sum(Invitation.objects.values_list("uses", flat=True))


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Each call on a connection of its own, at the same moment. Shape: what it returned or raised."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            barrier.wait(10)
            return call()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def wait_for_lock(count: int) -> None:
    """Until so many connections wait for a lock."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    for _time in range(500):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # else one transaction sees the same all along
            cursor.execute(waiting)
            if cursor.fetchone()[0] >= count:
                return
        time.sleep(0.01)
    raise AssertionError(f"{count} should wait by now.")


def test_joining_takes_role_rooms_and_agreement_along(circle: Community, attic: Room, olga: User) -> None:
    pending = begin(circle, role="guest", rooms=[attic])
    member = join(pending=pending, user=olga, display_name="  Olga ", introduction=" Hello ")
    assert (member.role.code, member.display_name, member.introduction) == ("guest", "Olga", "Hello")
    assert member.agreed_to_rules_at == pending.agreed_at
    assert list(Room.objects.visible_to(member)) == [attic]
    assert uses() == 1
    assert not PendingJoin.objects.exists()


def test_joining_is_told_after_commit(
    circle: Community, olga: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    told: list[Any] = []

    def listen(membership_id: Any, **kwargs: Any) -> None:
        told.append(membership_id)

    member_joined.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            member = join(pending=begin(circle), user=olga, display_name="Olga")
            assert told == []
    finally:
        member_joined.disconnect(listen)
    assert told == [member.pk]


@pytest.mark.parametrize("name", ["Mel", "MEL", "M e l", "Ме1", "Μe|", "Mel 🇩🇪", "🌿", "x" * 41, "Me\x00l"])
def test_a_refused_name_spends_nothing(circle: Community, mel: Membership, olga: User, name: str) -> None:
    pending = begin(circle)
    with pytest.raises(ValidationError):
        join(pending=pending, user=olga, display_name=name)
    assert uses() == 0
    assert join(pending=pending, user=olga, display_name="Olga").user == olga


@pytest.mark.parametrize("end", [{"revoked_at": timezone.now()}, {"expires_at": timezone.now()}, {"uses": 1}])
def test_an_invitation_that_ended_meanwhile_admits_nobody(circle: Community, olga: User, end: dict[str, Any]) -> None:
    pending = begin(circle)
    Invitation.objects.update(**end)
    with pytest.raises(InvalidInvitation):
        join(pending=pending, user=olga, display_name="Olga")
    assert not Membership.objects.exists()


def test_a_deleted_invitation_admits_nobody(circle: Community, olga: User) -> None:
    pending = begin(circle)
    Invitation.objects.all().delete()
    with pytest.raises(InvalidInvitation):
        join(pending=pending, user=olga, display_name="Olga")


def test_a_deactivated_account_does_not_join(circle: Community, olga: User) -> None:
    User.objects.filter(pk=olga.pk).update(is_active=False)
    with pytest.raises(InvalidInvitation):
        join(pending=begin(circle), user=olga, display_name="Olga")


def test_a_member_spends_nothing(circle: Community, mel: Membership) -> None:
    assert join(pending=begin(circle, role="owner"), user=mel.user, display_name="Other") == mel
    mel.refresh_from_db()
    assert (mel.display_name, mel.role.code) == ("Mel", "member")
    assert uses() == 0


def test_the_banned_do_not_return(circle: Community, bert: Membership) -> None:
    with pytest.raises(InvalidInvitation):
        join(pending=begin(circle), user=bert.user, display_name="Bert")
    bert.left_at = timezone.now()
    bert.save()
    with pytest.raises(InvalidInvitation):
        join(pending=begin(circle), user=bert.user, display_name="Other")
    assert uses() == 0


def test_the_suspended_do_not_slip_in_again(circle: Community, mo: Membership, mel: Membership) -> None:
    actions.suspend_member(actor=mo, member=mel, for_=timedelta(days=1))
    with pytest.raises(InvalidInvitation):
        join(pending=begin(circle), user=mel.user, display_name="Mel")
    Membership.objects.filter(pk=mel.pk).update(left_at=timezone.now())
    with pytest.raises(InvalidInvitation):
        join(pending=begin(circle), user=mel.user, display_name="Mel")


def test_who_left_may_return_as_somebody_new(circle: Community, ada: Membership, mel: Membership) -> None:
    actions.remove_member(actor=ada, member=mel)
    again = join(pending=begin(circle), user=mel.user, display_name="Mel")
    assert again != mel
    assert uses() == 1


def test_a_begun_joining_is_good_once(circle: Community, olga: User) -> None:
    pending = begin(circle, max_uses=2)
    stolen = PendingJoin.objects.get(pk=pending.pk)
    join(pending=pending, user=olga, display_name="Olga")
    with pytest.raises(InvalidInvitation):
        join(pending=stolen, user=factories.account("otto"), display_name="Otto")
    assert uses() == 1


@pytest.mark.django_db(transaction=True)
def test_one_of_many_gets_the_last_use(circle: Community) -> None:
    _invitation, token = invite(community=circle, max_uses=2)
    names = ["Anna", "Berta", "Carla", "Dora", "Emma", "Fanny"]
    begun = [(start_joining(token=token), factories.account(name), name) for name in names]
    answers = at_once(*[lambda b=b: join(pending=b[0], user=b[1], display_name=b[2]) for b in begun])
    assert sum(isinstance(answer, Membership) for answer in answers) == 2
    assert sum(isinstance(answer, InvalidInvitation) for answer in answers) == 4
    assert uses() == Membership.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_beginning_anew_while_joining_ends_in_no_deadlock(circle: Community, olga: User) -> None:
    """Both want the invitation and what was begun; both take the invitation first."""
    invitation, token = invite(community=circle)
    begun = start_joining(token=token)
    with ThreadPoolExecutor(2) as threads:
        with transaction.atomic():
            list(Invitation.objects.select_for_update(no_key=True).filter(pk=invitation.pk))
            anew = threads.submit(at_once, lambda: start_joining(token=token, instead_of=begun.pk))
            wait_for_lock(1)
            joined = threads.submit(at_once, lambda: join(pending=begun, user=olga, display_name="Olga"))
            wait_for_lock(2)
        (new,), (member,) = anew.result(), joined.result()
    assert isinstance(new, PendingJoin), new
    assert isinstance(member, InvalidInvitation), "what was begun before has given way"
    assert join(pending=new, user=olga, display_name="Olga").user == olga


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("by", ["one joining", "one invitation", "two invitations"])
def test_one_account_twice_at_once_is_one_member(circle: Community, olga: User, by: str) -> None:
    _invitation, token = invite(community=circle)
    first = start_joining(token=token)
    second = {
        "one joining": lambda: PendingJoin.objects.get(pk=first.pk),
        "one invitation": lambda: start_joining(token=token),
        "two invitations": lambda: begin(circle),
    }[by]()
    answers = at_once(
        lambda: join(pending=first, user=olga, display_name="Olga"),
        lambda: join(pending=second, user=olga, display_name="Olga Two"),
    )
    assert len({answer.pk for answer in answers}) == 1, answers
    assert uses() == Membership.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_alike_at_once_one_gets_the_name(circle: Community) -> None:
    begun = [(begin(circle), factories.account(f"a{n}"), name) for n, name in enumerate(["Mira", "MIRA", "Мirа"])]
    answers = at_once(*[lambda b=b: join(pending=b[0], user=b[1], display_name=b[2]) for b in begun])
    assert sum(isinstance(answer, Membership) for answer in answers) == 1
    assert sum(isinstance(answer, ValidationError) for answer in answers) == 2
    assert uses() == 1


@pytest.mark.django_db(transaction=True)
def test_renaming_at_once_counts_each_version(circle: Community, mel: Membership) -> None:
    copies = [Membership.objects.get(pk=mel.pk) for _ in range(3)]
    at_once(
        *[
            lambda c=c, n=n: actions.rename_member(member=c, display_name=f"Name {n}", introduction="")
            for n, c in enumerate(copies, start=2)
        ]
    )
    mel.refresh_from_db()
    assert mel.profile_version == 4


def test_greek_in_capitals_is_the_same_name(circle: Community, mel: Membership, olga: User) -> None:
    actions.rename_member(member=mel, display_name="Νίνα", introduction="")
    with pytest.raises(ValidationError):
        join(pending=begin(circle), user=olga, display_name="ΝΙΝΑ")
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(
            community=circle, user=olga, role=mel.role, name_skeleton="x", name_spelling=mel.name_spelling
        )


def test_renaming_refuses_twins_and_keeps_ones_own(mel: Membership, bea: Membership) -> None:
    with pytest.raises(ValidationError):
        actions.rename_member(member=mel, display_name="bea", introduction="")
    actions.rename_member(member=mel, display_name="MEL", introduction=" New ")
    assert (mel.display_name, mel.introduction, mel.profile_version) == ("MEL", "New", 2)
    actions.rename_member(member=mel, display_name="MEL", introduction="Newer")
    assert (mel.introduction, mel.profile_version) == ("Newer", 2)
