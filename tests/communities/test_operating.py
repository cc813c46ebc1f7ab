"""What the operator does by commands: rooms, who is chosen for them, and taking people out and letting them in."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from communities import actions
from communities.models import Community, Membership, Room
from tests import factories
from tests.communities.test_leaving import is_in

#: Every member reads it.
WHY = ("--reason", "They asked for it.")


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


# ---- Rooms ----


def test_a_room_is_made_and_listed(circle: Community, hall: Room) -> None:
    listed = run("rooms", "circle", "--create", " Cellar ", "--purpose", "Wine.", "--chosen")
    cellar = Room.objects.get(name="Cellar")
    assert (cellar.access, cellar.purpose) == (Room.Access.CHOSEN, "Wine.")
    assert listed.splitlines() == [
        f"{hall.pk}  all       0 chosen  Hall",
        f"{cellar.pk}  chosen    0 chosen  Cellar",
    ]
    assert run("rooms", "circle") == listed


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nowhere"], "no community"),
        (["circle", "--create", "hall"], "already"),
        (["circle", "--create", " "], "name"),
        (["circle", "--create", "x" * 41], "name"),
        (["circle", "--chosen"], "--create"),
    ],
)
def test_what_cannot_be_a_room_is_said(circle: Community, hall: Room, words: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        run("rooms", *words)
    assert list(Room.objects.all()) == [hall]


def test_members_are_chosen_and_unchosen(circle: Community, attic: Room, mel: Membership, bea: Membership) -> None:
    assert run("choose", "circle", "attic", "mel", str(bea.pk), *WHY) == "Chosen for Attic: Mel, Bea.\n"
    assert all(attic in Room.objects.visible_to(one) for one in (mel, bea))
    assert run("choose", "circle", str(attic.pk), "Mel", "--undo", *WHY) == "No longer chosen for Attic: Mel.\n"
    assert attic not in Room.objects.visible_to(mel)
    assert attic in Room.objects.visible_to(bea)


def test_of_several_all_or_none_are_chosen(circle: Community, attic: Room, mel: Membership, bert: Membership) -> None:
    with pytest.raises(CommandError, match="no longer in this community"):
        run("choose", "circle", "Attic", "Mel", "Bert")
    assert attic not in Room.objects.visible_to(mel)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nowhere", "Attic", "Mel"], "no community"),
        (["circle", "Cellar", "Mel"], "no room"),
        (["circle", "Attic", "Nobody"], "no member"),
        (["circle", "Attic", "Cellardweller"], "no member"),
        (["circle", "Attic", "Mel", "--undo"], "not chosen"),
        (["circle", "Porch", "Mel"], "more than one room"),
    ],
)
def test_what_cannot_be_chosen_is_said(
    circle: Community, attic: Room, porch: Room, mel: Membership, words: list[str], says: str
) -> None:
    factories.room(circle, "Porch")
    factories.member(factories.community("other"), "Cellardweller")
    with pytest.raises(CommandError, match=says):
        run("choose", *words)


# ---- Members ----


def test_members_are_listed_with_their_standing(
    circle: Community, ada: Membership, mel: Membership, bea: Membership, bert: Membership
) -> None:
    actions.remove_member(actor=None, member=mel)
    actions.suspend_member(actor=None, member=bea, for_=timedelta(days=2))
    listed = run("members", "circle")
    until = timezone.localtime(timezone.now() + timedelta(days=2))
    assert f"{ada.pk}  owner      -                     Ada\n" in listed
    assert f"out until {until:%Y-%m-%d}" in listed
    assert f"{bert.pk}  member     banned                Bert\n" in listed
    assert str(mel.pk) not in listed
    assert f"{mel.pk}  member     left" in run("members", "circle", "--all")
    assert "@" not in listed


def test_the_operator_removes_bans_and_suspends(ada: Membership, mo: Membership, mel: Membership) -> None:
    """No role is asked: also the last owner may be taken out."""
    assert run("remove", "circle", "Ada", *WHY) == "Ada is removed.\n"
    assert run("ban", "circle", "MO", *WHY) == "Mo is banned.\n"
    assert run("suspend", "circle", str(mel.pk), "--days", "3", *WHY).startswith("Mel is kept out until 20")
    assert not any(is_in(one) for one in (ada, mo, mel))
    assert run("unban", "circle", "Mo", *WHY) == "Mo is no longer banned.\n"
    assert run("suspend", "circle", "Mel", "--lift", *WHY) == "Mel may come in again.\n"
    assert not is_in(ada)
    assert is_in(mo)
    assert is_in(mel)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["remove", "nowhere", "Mel"], "no community"),
        (["remove", "circle", "Olga"], "no member"),
        (["remove", "circle", "7f3f5a52-2f6c-4f0e-9d6f-000000000000"], "no member"),
        (["ban", "circle", "Bert"], "banned already"),
        (["unban", "circle", "Mel"], "not banned"),
        (["suspend", "circle", "Mel", "--lift"], "not suspended"),
        (["suspend", "circle", "Mel", "--days", "0"], "3650"),
        (["suspend", "circle", "Mel", "--days", "99999999999"], "3650"),
        (["suspend", "circle", "Mel"], "required"),
    ],
)
def test_what_cannot_be_done_is_said(mel: Membership, bert: Membership, words: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        run(*words)
    assert is_in(mel)


def test_who_has_left_is_named_by_id(circle: Community, mel: Membership) -> None:
    actions.remove_member(actor=None, member=mel)
    again = factories.member(circle, "Mel", user=factories.account("second"))
    with pytest.raises(CommandError, match="has left already"):
        run("remove", "circle", str(mel.pk))
    assert run("ban", "circle", str(mel.pk), *WHY) == "Mel is banned.\n"
    assert is_in(again)


# ---- The actions ----


@pytest.mark.parametrize("first_days", [30, 1])
def test_a_second_suspension_never_shortens_the_first(mo: Membership, mel: Membership, first_days: int) -> None:
    for days in (first_days, 7):
        actions.suspend_member(actor=mo, member=mel, for_=timedelta(days=days))
    assert mel.suspended_until
    left = mel.suspended_until - timezone.now()
    assert timedelta(days=max(first_days, 7) - 1) < left <= timedelta(days=max(first_days, 7))


def test_lifting_is_explicit(mo: Membership, mel: Membership) -> None:
    actions.suspend_member(actor=mo, member=mel, for_=timedelta(days=30))
    for none in (timedelta(0), timedelta(days=-3), timedelta(days=4000)):
        with pytest.raises(ValidationError):
            actions.suspend_member(actor=mo, member=mel, for_=none)
    assert not is_in(mel)
    assert actions.lift_suspension(actor=mo, member=mel)
    assert is_in(mel)
    assert not actions.lift_suspension(actor=mo, member=mel)


def test_a_ban_taken_back_is_taken_back_from_the_account(circle: Community, ada: Membership, mel: Membership) -> None:
    """Also of the membership it left earlier: one of them left banned would keep the person out."""
    actions.remove_member(actor=ada, member=mel)
    again = factories.member(circle, "Mel", user=mel.user)
    actions.ban_member(actor=ada, member=mel)
    assert not is_in(again)
    assert actions.unban_member(actor=ada, member=again)
    assert is_in(again)
    assert not Membership.objects.filter(user=mel.user).kept_out().exists()


def test_when_someone_was_banned_does_not_change(ada: Membership, bert: Membership) -> None:
    banned_at = bert.banned_at
    assert not actions.ban_member(actor=ada, member=bert)
    bert.refresh_from_db()
    assert bert.banned_at == banned_at
