"""The pages of joining and inviting, as browsers use them."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import Session, User
from communities import actions
from communities.models import Invitation, Membership, PendingJoin, Room
from tests.communities.test_joining import at_once

pytestmark = pytest.mark.django_db


def signed_in(user: User | None) -> Client:
    assert user is not None
    c = Client(headers={"accept-language": "en"})
    c.force_login(user)
    return c


def test_a_browser_under_no_referrer_may_agree(ada: Membership) -> None:
    _i, token = actions.invite(community=ada.community, inviter=ada)
    c = Client(enforce_csrf_checks=True)
    page = c.get(f"/i/{token}/")
    origin = "null" if page["Referrer-Policy"] == "no-referrer" else "http://testserver"
    data = {"agree": "on", "csrfmiddlewaretoken": c.cookies["csrftoken"].value}
    assert c.post(f"/i/{token}/", data, headers={"origin": origin}).status_code == 302
    data = {"language": "de", "next": "/", "csrfmiddlewaretoken": c.cookies["csrftoken"].value}
    assert c.post("/language/", data, headers={"origin": origin}).status_code == 302


def test_the_banned_get_the_same_page_by_post_too(ada: Membership, bert: Membership) -> None:
    _i, token = actions.invite(community=ada.community, inviter=ada)
    c = signed_in(bert.user)
    wrong = c.post("/i/wrong/", {"agree": "on"})
    mine = c.post(f"/i/{token}/", {"agree": "on"})
    assert (mine.status_code, mine.content) == (wrong.status_code, wrong.content)
    assert not PendingJoin.objects.exists()


def test_an_ended_joining_does_not_catch_every_sign_in(ada: Membership, olga: User) -> None:
    inv, token = actions.invite(community=ada.community, inviter=ada)
    c = signed_in(olga)
    assert c.post(f"/i/{token}/", {"agree": "on"}).status_code == 302
    actions.revoke_invitation(actor=ada, invitation=inv)
    assert c.get("/join/").status_code == 404
    assert "pending_join" not in c.session


def begun(c: Client, ada: Membership) -> Client:
    _i, token = actions.invite(community=ada.community, inviter=ada)
    assert c.post(f"/i/{token}/", {"agree": "on"}).status_code == 302
    return c


def test_the_same_joining_sent_twice_leads_in_twice(ada: Membership, olga: User) -> None:
    c = begun(signed_in(olga), ada)
    for _click in range(3):
        answer = c.post("/join/", {"display_name": "Olga", "introduction": ""})
        assert (answer.status_code, answer["Location"]) == (302, ada.community.get_absolute_url())
    assert Membership.objects.filter(user=olga).count() == 1
    assert c.get("/join/").status_code == 302
    assert "pending_join" not in c.session


@pytest.mark.django_db(transaction=True)
def test_the_same_joining_sent_twice_at_once_leads_in_twice(ada: Membership, olga: User) -> None:
    first, second = begun(signed_in(olga), ada), Client(headers={"accept-language": "en"})
    second.cookies = first.cookies
    form = {"display_name": "Olga", "introduction": ""}
    answers = at_once(lambda: first.post("/join/", form), lambda: second.post("/join/", form))
    assert [answer.status_code for answer in answers] == [302, 302], answers
    assert Membership.objects.filter(user=olga).count() == 1


def test_what_another_joined_by_leads_nobody_in(ada: Membership, mel: Membership, olga: User) -> None:
    c = signed_in(olga)
    s = c.session
    s["pending_join"] = str(mel.pk)
    s.save()
    for answer in (c.get("/join/"), c.post("/join/", {"display_name": "Olga", "introduction": ""})):
        assert answer.status_code == 404
    assert "pending_join" not in c.session


def test_who_was_banned_after_joining_is_not_led_in(ada: Membership, olga: User) -> None:
    c = begun(signed_in(olga), ada)
    c.post("/join/", {"display_name": "Olga", "introduction": ""})
    actions.ban_member(actor=ada, member=Membership.objects.get(user=olga))
    assert c.post("/join/", {"display_name": "Olga", "introduction": ""}).status_code == 404


def test_who_is_inside_already_is_led_in_from_join(ada: Membership, mel: Membership) -> None:
    _i, token = actions.invite(community=ada.community, inviter=ada)
    c = signed_in(mel.user)
    s = c.session
    s["pending_join"] = str(actions.start_joining(token=token).pk)
    s.save()
    assert c.get("/join/").status_code == 302


def test_the_banned_do_not_see_the_group_on_join(ada: Membership, bert: Membership) -> None:
    _i, token = actions.invite(community=ada.community, inviter=ada)
    c = signed_in(bert.user)
    s = c.session
    s["pending_join"] = str(actions.start_joining(token=token).pk)
    s.save()
    assert c.get("/join/").status_code == 404


def test_who_has_an_account_is_spared_the_steps_of_making_one(ada: Membership, olga: User) -> None:
    _i, token = actions.invite(community=ada.community, inviter=ada)
    assert "Email</li>" in Client(headers={"accept-language": "en"}).get(f"/i/{token}/").content.decode()
    c = signed_in(olga)
    assert "Email</li>" not in c.get(f"/i/{token}/").content.decode()
    c.post(f"/i/{token}/", {"agree": "on"})
    assert "Step 2 of 2" in c.get("/join/").content.decode()


def test_guests_read_on_the_invitation_what_they_will_see(ada: Membership, porch: Room) -> None:
    _i, token = actions.invite(community=ada.community, inviter=ada, role="guest", rooms=[porch])
    assert "you see one room" in Client(headers={"accept-language": "en"}).get(f"/i/{token}/").content.decode()
    _i, token = actions.invite(community=ada.community, inviter=ada, role="moderator")
    assert "will be: Moderator" in Client(headers={"accept-language": "en"}).get(f"/i/{token}/").content.decode()


FORM = {"label": "x", "note": "", "days": "7", "max_uses": "1"}


def form_id(c: Client, ada: Membership) -> str:
    page = c.get(f"/c/{ada.community.slug}/invitations/").content.decode()
    found = re.search(r'name="form_id" value="([0-9a-f-]{36})"', page)
    assert found
    return found[1]


def made_link(c: Client, ada: Membership, **fields: str) -> str:
    """The token on the page that shows the new link."""
    page = c.post(f"/c/{ada.community.slug}/invitations/", FORM | fields, follow=True).content.decode()
    found = re.search(r"http://testserver/i/([A-Za-z0-9_-]{32})/", page)
    assert found
    return found[1]


@pytest.mark.parametrize("has_form_id", [True, False])
def test_no_table_holds_the_token(ada: Membership, has_form_id: bool) -> None:
    c = signed_in(ada.user)
    form = {"form_id": form_id(c, ada)} if has_form_id else {}
    token = made_link(c, ada, **form)
    assert actions.find_open_invitation(token=token)
    sessions = [session.get_decoded() for session in Session.objects.all()]
    assert sessions
    stored = str([sessions, list(Invitation.objects.values()), dict(c.session.items())])
    assert token not in stored
    for part in form.values():
        assert part not in stored
        assert part.replace("-", "") not in stored


def test_the_link_is_shown_once(ada: Membership) -> None:
    c = signed_in(ada.user)
    assert made_link(c, ada)
    assert "http://testserver/i/" not in c.get(f"/c/{ada.community.slug}/invitations/").content.decode()


def test_the_same_invitation_sent_twice_is_one_and_shows_its_link(ada: Membership) -> None:
    c = signed_in(ada.user)
    same = form_id(c, ada)
    first = made_link(c, ada, form_id=same)
    assert made_link(c, ada, form_id=same) == first
    assert Invitation.objects.count() == 1


def test_the_page_loaded_again_makes_another_invitation(ada: Membership) -> None:
    c = signed_in(ada.user)
    ids = [form_id(c, ada) for _load in range(2)]
    assert ids[0] != ids[1]
    assert len({made_link(c, ada, form_id=one) for one in ids}) == Invitation.objects.count() == 2


def test_a_form_that_was_changed_makes_another_invitation(ada: Membership) -> None:
    """Whoever goes back, writes another name and sends it again wants a second one."""
    c = signed_in(ada.user)
    same = form_id(c, ada)
    links = {made_link(c, ada, form_id=same), made_link(c, ada, form_id=same, label="y")}
    assert len(links) == Invitation.objects.count() == 2


def test_what_was_withdrawn_shows_no_link_again(ada: Membership) -> None:
    c = signed_in(ada.user)
    same = form_id(c, ada)
    made_link(c, ada, form_id=same)
    actions.revoke_invitation(actor=ada, invitation=Invitation.objects.get())
    page = c.post(f"/c/{ada.community.slug}/invitations/", FORM | {"form_id": same}, follow=True)
    assert "http://testserver/i/" not in page.content.decode()


def test_the_form_of_another_makes_an_invitation_of_ones_own(ada: Membership, mo: Membership) -> None:
    stolen = form_id(signed_in(ada.user), ada)
    links = {made_link(signed_in(one.user), ada, form_id=stolen) for one in (ada, mo)}
    assert len(links) == Invitation.objects.count() == 2


@pytest.mark.parametrize("access", Room.Access.values)
def test_the_composer_says_that_guests_never_see_what_was_before(ada: Membership, porch: Room, access: str) -> None:
    actions.choose_room_member(room=porch, membership=ada)
    Room.objects.filter(pk=porch.pk).update(access=access, history=Room.History.ALL)
    page = signed_in(ada.user).get(porch.get_absolute_url()).content.decode()
    assert "guests only what comes after they were chosen" in page


def test_the_composer_of_a_room_of_chosen_members_says_from_when_on(ada: Membership, attic: Room) -> None:
    assert "Whoever is chosen later" in signed_in(ada.user).get(attic.get_absolute_url()).content.decode()


def test_names_are_two_characters_long(ada: Membership, mel: Membership) -> None:
    c = signed_in(mel.user)
    assert c.post(f"/c/{ada.community.slug}/me/", {"display_name": "x", "introduction": ""}).status_code == 422


@pytest.mark.parametrize("path", ["/i/", "/i/declined/"])
def test_head_is_answered(path: str, db: None) -> None:
    assert Client().head(path).status_code == 200


def test_all_links_that_admit_nobody_cost_one_query(ada: Membership, django_assert_num_queries: Any) -> None:
    inv, token = actions.invite(community=ada.community, inviter=ada)
    actions.revoke_invitation(actor=ada, invitation=inv)
    pages = []
    for path in (token, "wrong", "x" * 300, "%00"):
        with django_assert_num_queries(1):
            pages.append(Client().get(f"/i/{path}/").content)
    assert len(set(pages)) == 1
    c = Client()
    c.head(f"/i/{actions.invite(community=ada.community, inviter=ada)[1]}/")
    assert "sessionid" not in c.cookies
