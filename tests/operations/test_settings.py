"""What an operator decides: it counts at every door, it is noted, and it is asked for again before it changes."""

from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.test import Client

from accounts.models import User
from communities.actions import invite
from communities.models import Community, Membership
from core.installation import installation
from core.models import Installation
from operations.actions import change_settings
from operations.legal import template
from operations.models import LogEntry
from tests.accounts.doors import signed_in_just_now, typed

#: As browsers of this language ask.
IN_ENGLISH = {"accept-language": "en"}


def decide(**values: Any) -> None:
    row = Installation.objects.get(pk=1)
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


@pytest.fixture
def operator(opal: User) -> Client:
    """Asked a moment ago whether it is her."""
    return signed_in_just_now(Client(), opal)


ACCESS = {"sign_up": "anyone", "founders": "anyone"}
BOTH = {"privacy_de": "Wir speichern wenig.", "privacy_en": "We store little."}


def test_before_a_change_the_person_is_asked_once_more(opal: User) -> None:
    client = Client()
    client.force_login(opal)
    for answer in (client.get("/operations/settings/access/"), client.post("/operations/settings/access/", ACCESS)):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert Installation.objects.get(pk=1).sign_up == "invitation"


def test_a_change_counts_at_once_and_is_noted(operator: Client, opal: User) -> None:
    assert operator.post("/operations/settings/access/", ACCESS).status_code == 302
    assert (installation().sign_up, installation().founders) == ("anyone", "anyone")
    (entry,) = LogEntry.objects.all()
    assert (entry.actor, entry.act, entry.details) == (opal, "access", ACCESS)
    page = operator.get("/operations/settings/").content.decode()
    assert "Anyone with an account, at most two each" in page
    assert "Who may open accounts and found groups" in page


def test_what_stays_the_same_is_not_noted(operator: Client) -> None:
    operator.post("/operations/settings/access/", {"sign_up": "invitation", "founders": "operators"})
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    ("act", "form"),
    [
        ("access", {"sign_up": "everybody", "founders": "operators"}),
        ("access", {}),
        ("place", {"name": "x" * 61}),
        ("place", {"name": "a\0b"}),
        ("place", {"name": "Kreis", "language": "fr"}),
        ("privacy", {"privacy_de": "x" * 60_001}),
        ("imprint", {"contact": "x" * 501}),
        ("imprint", {"contact": "x", "is_private": "maybe"}),
    ],
)
def test_what_cannot_be_is_told_beside_the_field(operator: Client, act: str, form: dict[str, str]) -> None:
    assert operator.post(f"/operations/settings/{act}/", form).status_code == 422
    assert not LogEntry.objects.exists()


def test_the_log_holds_no_words(operator: Client) -> None:
    operator.post("/operations/settings/privacy/", BOTH)
    operator.post("/operations/settings/place/", {"name": "Our\n place", "language": "de"})
    assert [entry.details for entry in LogEntry.objects.order_by("pk")] == [
        {"privacy_de": True, "privacy_en": True},
        {"name": True, "language": "de"},
    ]
    assert installation().name == "Our place"


def test_only_operators_change_anything(olga: User, ada: Membership) -> None:
    for user in (olga, ada.user):
        assert user is not None
        with pytest.raises(PermissionDenied):
            change_settings(actor=user, act="access", values={"sign_up": "anyone"})
    assert Installation.objects.get(pk=1).sign_up == "invitation"


def test_an_act_changes_its_own_fields_only(opal: User) -> None:
    with pytest.raises(ValueError, match="Not a field"):
        change_settings(actor=opal, act="access", values={"mail_password": "x"})


# ---- Texts ----


def test_a_text_begins_with_a_template_that_does_not_count(operator: Client) -> None:
    page = operator.get("/operations/settings/terms/").content.decode()
    assert template("terms", "de").splitlines()[0] in page
    form = {f"terms_{code}": template("terms", code) for code in ("de", "en")}
    operator.post("/operations/settings/terms/", form)
    assert installation().terms_de == ""


def test_what_is_left_to_be_filled_in_is_named(operator: Client) -> None:
    half = template("terms", "en").replace("[[name, as in the imprint]]", "us")
    answer = operator.post("/operations/settings/terms/", {"terms_en": half})
    assert answer.status_code == 422
    assert "“16”" in answer.content.decode()


def test_purely_private_needs_a_confirmation_and_says_since_when(operator: Client) -> None:
    form = {"contact": "post@example.org", "is_private": "yes"}
    assert operator.post("/operations/settings/imprint/", form).status_code == 422
    assert operator.post("/operations/settings/imprint/", form | {"confirms": "on"}).status_code == 302
    since = installation().private_since
    assert since is not None
    operator.post("/operations/settings/imprint/", form | {"confirms": "on", "contact": "other@example.org"})
    assert installation().private_since == since
    page = Client(headers=IN_ENGLISH).get("/imprint/").content.decode()
    assert "purely private" in page
    assert "mailto:other@example.org" in page
    operator.post("/operations/settings/imprint/", {"contact": "post@example.org"})
    assert installation().private_since is None


# ---- Who may open an account ----


def sign_up(client: Client, who: str = "new") -> int:
    return client.post("/accounts/signup/", typed(email=f"{who}@example.org")).status_code


def by_invitation(circle: Community) -> Client:
    client, token = Client(REMOTE_ADDR="10.0.0.9", headers=IN_ENGLISH), invite(community=circle)[1]
    client.post(f"/i/{token}/", {"agree": "on"})
    return client


@pytest.mark.parametrize(("policy", "stranger", "invited"), [("invitation", 0, 1), ("anyone", 1, 1), ("nobody", 0, 0)])
def test_who_may_open_an_account(circle: Community, policy: str, stranger: int, invited: int) -> None:
    decide(sign_up=policy)
    for who, client, may in (("stranger", Client(), stranger), ("invited", by_invitation(circle), invited)):
        assert sign_up(client, f"{who}.{policy}") == (302 if may else 422)
        assert User.objects.filter(email=f"{who}.{policy}@example.org").exists() == bool(may)


def test_a_door_that_was_closed_meanwhile_is_closed(circle: Community) -> None:
    client = by_invitation(circle)
    assert "email" in client.get("/accounts/signup/").content.decode()
    decide(sign_up="nobody")
    assert sign_up(client) == 422
    assert "No new accounts here for now" in client.get("/accounts/signup/").content.decode()
    assert not mail.outbox


def test_where_nobody_may_the_invitation_says_so_and_leads_to_signing_in(circle: Community) -> None:
    decide(sign_up="nobody")
    client, token = Client(headers=IN_ENGLISH), invite(community=circle)[1]
    assert "opens no new accounts" in client.get(f"/i/{token}/").content.decode()
    assert client.post(f"/i/{token}/", {"agree": "on"})["Location"] == "/accounts/login/"


def test_whoever_has_an_account_joins_all_the_same(circle: Community, olga: User) -> None:
    decide(sign_up="nobody")
    client = by_invitation(circle)
    client.force_login(olga)
    client.post("/join/", {"display_name": "Olga"})
    assert Membership.objects.filter(user=olga).exists()


def test_signing_up_is_offered_where_anyone_may(db: None) -> None:
    assert "/accounts/signup/" not in Client().get("/accounts/login/").content.decode()
    decide(sign_up="anyone")
    assert "/accounts/signup/" in Client().get("/accounts/login/").content.decode()


# ---- The language of the place ----


@pytest.mark.parametrize(("asked", "spoken"), [("", "en"), ("fr, it", "en"), ("de-AT, en", "de"), ("*", "en")])
def test_a_browser_that_asks_for_nothing_spoken_here_gets_the_place_s(db: None, asked: str, spoken: str) -> None:
    decide(language="en")
    page = Client().get("/accounts/login/", headers={"accept-language": asked} if asked else {})
    assert page["Content-Language"] == spoken
