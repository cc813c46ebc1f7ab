"""An operator's way into a community that is there already: an owner says yes, or every member is told."""

import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from communities import actions
from communities.actions import InvalidInvitation, answer_operators, ask_to_invite, find_open_invitation
from communities.models import Community, Intervention, Invitation, Membership, SeenIntervention
from tests import factories


def run(*words: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(*words, stdout=out, stderr=err)
    return out.getvalue().strip(), err.getvalue().strip()


def token_of(link: str) -> str:
    return link.rstrip("/").rpartition("/")[2]


def admits(token: str) -> bool:
    try:
        find_open_invitation(token=token)
    except InvalidInvitation:
        return False
    return True


def signed_in(member: Membership) -> Client:
    client = Client()
    client.force_login(member.user)  # type: ignore[arg-type]
    return client


# ---- Asking ----


def test_where_nobody_is_yet_the_link_works_at_once(circle: Community) -> None:
    link, said = run("invite", "circle", "--role", "owner")
    assert admits(token_of(link))
    assert said == ""


def test_where_people_are_it_admits_nobody_before_an_owner_has_said_yes(ada: Membership) -> None:
    link, said = run("invite", "circle", "--label", "Nora", "--reason", "She asked me.")
    assert "once an owner" in said
    assert Client().get(link).status_code == 404
    asked = Invitation.objects.get()
    assert not asked.is_open
    assert answer_operators(actor=ada, invitation=asked, agrees=True)
    assert admits(token_of(link))
    asked.refresh_from_db()
    assert (asked.decided_by, asked.is_open, asked.is_waiting) == (ada, True, False)


def test_refused_it_never_works(ada: Membership) -> None:
    asked, token = ask_to_invite(community=ada.community)
    assert answer_operators(actor=ada, invitation=asked, agrees=False)
    assert not answer_operators(actor=ada, invitation=asked, agrees=True)
    assert not admits(token)


def test_what_was_begun_before_the_answer_does_not_get_in(ada: Membership) -> None:
    _asked, token = ask_to_invite(community=ada.community)
    with pytest.raises(InvalidInvitation):
        actions.start_joining(token=token)


@pytest.mark.parametrize("role", ["moderator", "member", "guest"])
def test_only_owners_answer(circle: Community, ada: Membership, role: str) -> None:
    asked, token = ask_to_invite(community=circle)
    with pytest.raises(PermissionDenied):
        answer_operators(actor=factories.member(circle, "Nia", role=role), invitation=asked, agrees=True)
    assert not admits(token)


def test_an_owner_of_another_community_does_not_answer(ada: Membership) -> None:
    asked, _token = ask_to_invite(community=ada.community)
    with pytest.raises(PermissionDenied):
        answer_operators(
            actor=factories.member(factories.community("other"), "Otto", role="owner"), invitation=asked, agrees=True
        )


def test_an_owner_who_was_taken_out_meanwhile_does_not_answer(circle: Community, ada: Membership) -> None:
    factories.member(circle, "Second", role="owner")
    asked, _token = ask_to_invite(community=circle)
    actions.remove_member(actor=None, member=ada)
    with pytest.raises(PermissionDenied):
        answer_operators(actor=ada, invitation=asked, agrees=True)


def test_after_it_has_ended_a_yes_comes_too_late(ada: Membership) -> None:
    asked, token = ask_to_invite(community=ada.community)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert not answer_operators(actor=ada, invitation=asked, agrees=True)
    assert not admits(token)


@pytest.mark.django_db(transaction=True)
def test_of_two_owners_at_once_the_first_answer_counts(circle: Community, ada: Membership) -> None:
    second = factories.member(circle, "Second", role="owner")
    asked, token = ask_to_invite(community=circle)
    counted: dict[bool, bool] = {}
    start = threading.Barrier(2)

    def answer(owner: Membership, agrees: bool) -> None:
        start.wait()
        counted[agrees] = answer_operators(actor=owner, invitation=asked, agrees=agrees)
        connection.close()

    both = [threading.Thread(target=answer, args=pair) for pair in ((ada, True), (second, False))]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sorted(counted.values()) == [False, True]
    assert admits(token) == counted[True]


def test_what_was_made_before_the_first_owner_came_waits_for_their_yes(circle: Community) -> None:
    many, kept = ask_to_invite(community=circle, max_uses=2)
    begun = actions.start_joining(token=kept)
    _owner, token = ask_to_invite(community=circle, role="owner", max_uses=2)
    owner = actions.join(
        pending=actions.start_joining(token=token), user=factories.account("first"), display_name="First"
    )
    assert not admits(kept)
    assert not admits(token)  # one more owner is asked for, too
    with pytest.raises(InvalidInvitation):
        actions.join(pending=begun, user=factories.account("op"), display_name="Op")
    assert answer_operators(actor=owner, invitation=many, agrees=True)
    assert admits(kept)


def test_a_second_owner_changes_nothing_of_what_was_announced(ada: Membership) -> None:
    _forced, kept = ask_to_invite(community=ada.community, by_force=True, reason="It has to be")
    _made, token = actions.invite(community=ada.community, inviter=ada, role="owner")
    actions.join(pending=actions.start_joining(token=token), user=factories.account("two"), display_name="Two")
    assert admits(kept)


def test_where_all_have_left_their_words_are_still_theirs(ada: Membership) -> None:
    actions.remove_member(actor=None, member=ada)
    with pytest.raises(ValidationError) as refusal:
        ask_to_invite(community=ada.community)
    assert refusal.value.code == "nobody"
    with pytest.raises(ValidationError):
        ask_to_invite(community=ada.community, by_force=True)
    ask_to_invite(community=ada.community, by_force=True, reason="She wants to come back")
    assert Intervention.objects.get(kind=Intervention.Kind.INVITED).reason == "She wants to come back"


def test_where_people_are_and_no_owner_only_force_is_left(mel: Membership) -> None:
    with pytest.raises(CommandError, match="--force"):
        run("invite", "circle")
    link, _said = run("invite", "circle", "--role", "owner", "--force", "Nobody answers for the group any more.")
    assert admits(token_of(link))
    assert Intervention.objects.get().kind == "invited"


def test_keeping_the_owner_out_for_a_while_opens_no_door(ada: Membership, mel: Membership) -> None:
    actions.suspend_member(actor=None, member=ada, for_=timedelta(days=1))
    _asked, token = ask_to_invite(community=ada.community)
    assert not admits(token)


# ---- On the pages ----


def test_an_owner_is_told_on_today_and_answers_on_the_page(ada: Membership) -> None:
    asked, token = ask_to_invite(community=ada.community, label="<b>Nora</b>", reason="She <i>asked</i> me.")
    client = signed_in(ada)
    assert "ask to let somebody in" in client.get("/c/circle/").content.decode()
    page = client.get("/c/circle/invitations/").content.decode()
    assert "&lt;b&gt;Nora&lt;/b&gt;" in page
    assert "She &lt;i&gt;asked&lt;/i&gt; me." in page
    way = f"/c/circle/invitations/{asked.pk}/consent/"
    assert client.post(way, {"agrees": "yes"}, follow=True).status_code == 200
    assert "answered already" in client.post(way, {"agrees": "no"}, follow=True).content.decode()
    assert admits(token)
    assert "Ada agreed" in client.get("/c/circle/invitations/").content.decode()
    assert "ask to let somebody in" not in client.get("/c/circle/").content.decode()


def test_moderators_see_that_it_waits_and_have_no_button(ada: Membership, mo: Membership) -> None:
    asked, _token = ask_to_invite(community=ada.community, label="Nora")
    page = signed_in(mo).get("/c/circle/invitations/").content.decode()
    assert "Nora" in page
    assert f"{asked.pk}/consent/" not in page
    assert "ask to let somebody in" not in signed_in(mo).get("/c/circle/").content.decode()


def test_whatever_is_no_yes_is_a_no(ada: Membership) -> None:
    asked, token = ask_to_invite(community=ada.community)
    signed_in(ada).post(f"/c/circle/invitations/{asked.pk}/consent/")
    assert not admits(token)


# ---- By force ----


def test_what_is_forced_works_at_once_and_is_told_to_all(ada: Membership, mel: Membership, gus: Membership) -> None:
    link, said = run("invite", "circle", "--force", "A <b>court</b> wants it.")
    assert admits(token_of(link))
    assert "Every member" in said
    for member in (ada, mel, gus):
        page = signed_in(member).get("/c/circle/").content.decode()
        assert "stepped in" in page
        assert "A &lt;b&gt;court&lt;/b&gt; wants it." in page


def test_each_member_puts_it_aside_for_themselves_and_it_stays_with_the_rules(ada: Membership, mel: Membership) -> None:
    run("invite", "circle", "--force", "A court wants it.")
    client, act = signed_in(mel), Intervention.objects.get()
    for _click in range(2):
        assert client.post(f"/c/circle/interventions/{act.pk}/seen/").status_code == 302
    assert SeenIntervention.objects.count() == 1
    assert "stepped in" not in client.get("/c/circle/").content.decode()
    assert "A court wants it." in client.get("/c/circle/rules/").content.decode()
    assert "stepped in" in signed_in(ada).get("/c/circle/").content.decode()


def test_who_comes_later_finds_it_with_the_rules_only(circle: Community, ada: Membership) -> None:
    run("invite", "circle", "--force", "A court wants it.")
    client = signed_in(factories.member(circle, "Late"))
    assert "stepped in" not in client.get("/c/circle/").content.decode()
    assert "A court wants it." in client.get("/c/circle/rules/").content.decode()


@pytest.mark.parametrize("reason", ["", " ", "x" * 301, "a\0b"])
def test_force_needs_a_reason_that_can_be_read(ada: Membership, reason: str) -> None:
    with pytest.raises(CommandError):
        run("invite", "circle", "--force", reason)
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (["remove", "circle", "Mel"], "removed"),
        (["ban", "circle", "Mel"], "banned"),
        (["suspend", "circle", "Mel", "--days", "2"], "suspended"),
        (["choose", "circle", "Attic", "Mel"], "chosen"),
        (["unban", "circle", "Bert"], "unbanned"),
    ],
)
@pytest.mark.usefixtures("ada", "mel", "bert", "attic")
def test_what_else_an_operator_does_to_members_is_told_too(circle: Community, words: list[str], kind: str) -> None:
    before = list(Membership.objects.order_by("pk").values())
    with pytest.raises(CommandError, match="--reason"):
        run(*words)
    assert list(Membership.objects.order_by("pk").values()) == before
    run(*words, "--reason", "They asked for it.")
    act = Intervention.objects.get()
    assert (act.kind, act.reason) == (kind, "They asked for it.")
    assert "Mel" not in f"{act.get_kind_display()} {act.reason}"


def test_where_nobody_is_left_nobody_is_told(ada: Membership) -> None:
    run("remove", "circle", "Ada")
    assert not Intervention.objects.exists()


def test_a_yes_is_not_a_way_around_what_an_invitation_can_be(ada: Membership) -> None:
    with pytest.raises(ValidationError):
        ask_to_invite(community=ada.community, max_uses=51)
