"""The pages of joining and inviting, as browsers use them."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from communities import actions
from communities.models import Membership, PendingJoin, Room

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


def test_no_table_holds_the_token(ada: Membership) -> None:
    c = signed_in(ada.user)
    c.post(f"/c/{ada.community.slug}/invitations/", {"label": "x", "note": "", "days": "7", "max_uses": "1"})
    assert "token" not in str(dict(c.session.items()))


def test_the_link_is_shown_once(ada: Membership) -> None:
    c = signed_in(ada.user)
    url = f"/c/{ada.community.slug}/invitations/"
    first = c.post(url, {"label": "x", "note": "", "days": "7", "max_uses": "1"}, follow=True).content.decode()
    assert "http://testserver/i/" in first
    assert "http://testserver/i/" not in c.get(url).content.decode()


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
