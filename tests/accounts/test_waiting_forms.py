"""A form that was sent too late waits for its sender's proof, and for no other one."""

import time

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from core.models import Installation
from tests.accounts.doors import PASSWORD

EMAIL, SET, PLACE = reverse("account_email"), reverse("account_set_password"), reverse("operations_place")
NEW = {"email": "new@example.org", "action_add": ""}


@pytest.fixture
def nells(guest: Client, nell: User) -> Client:
    """Signed in, and long ago."""
    guest.force_login(nell)
    return guest


def waits(client: Client) -> bool:
    return "waiting_for_proof" in client.session


def mailed_to_new() -> bool:
    return any("new@example.org" in message.to for message in mail.outbox)


def test_who_comes_later_proves_for_themselves_only(nells: Client) -> None:
    """Somebody at an unlocked browser sent it; its owner merely opens the page."""
    nells.post(EMAIL, NEW)
    where = str(nells.get(EMAIL)["Location"])
    assert nells.post(where, {"password": PASSWORD})["Location"] == EMAIL
    assert not mailed_to_new()
    assert not waits(nells)


def test_a_stranger_s_settings_do_not_wait_for_the_operator(guest: Client, db: None) -> None:
    opal = User.objects.create_user("opal@example.org", PASSWORD, is_operator=True)
    guest.force_login(opal)
    guest.post(PLACE, {"name": "EVIL", "language": ""})
    guest.post(str(guest.get(PLACE)["Location"]), {"password": PASSWORD})
    assert Installation.objects.get().name != "EVIL"


def test_another_proof_does_not_send_it_either(nells: Client) -> None:
    """Neither that for another page, nor one whose page was opened before the form was sent."""
    early = str(nells.get(EMAIL)["Location"])
    nells.post(EMAIL, NEW)
    assert nells.post(early, {"password": PASSWORD})["Location"] == EMAIL
    assert not mailed_to_new()


def test_the_newer_form_takes_the_place_of_the_older_one_and_be_it_secret(nells: Client) -> None:
    nells.post(EMAIL, NEW)
    nells.post(SET, {"password1": "ganz neue ruhige Worte"})
    assert not waits(nells)


def test_it_waits_for_ten_minutes(nells: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    where = str(nells.post(EMAIL, NEW)["Location"])
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 11 * 60)
    assert nells.post(where, {"password": PASSWORD})["Location"] == EMAIL
    assert not mailed_to_new()


@pytest.mark.parametrize("name", ["password", "mail_password", "password2", "recovery_code", "code", "credential"])
def test_what_is_secret_does_not_wait(nells: Client, name: str) -> None:
    nells.post(EMAIL, NEW | {name: "verysecret"})
    assert "verysecret" not in str(dict(nells.session))
    nells.post(EMAIL, NEW | {name: ""})
    assert waits(nells), "an empty field holds no secret"


def test_the_page_that_asks_says_that_something_waits(nells: Client) -> None:
    sentence = "What was sent just now is done right afterwards."
    assert sentence in nells.get(str(nells.post(EMAIL, NEW)["Location"])).content.decode()
    assert sentence not in nells.get(str(nells.get(EMAIL)["Location"])).content.decode()


def test_it_is_done_once(nells: Client) -> None:
    where = str(nells.post(EMAIL, NEW)["Location"])
    nells.post(where, {"password": PASSWORD})
    assert mailed_to_new()
    mail.outbox.clear()
    assert nells.post(where, {"password": PASSWORD})["Location"] == EMAIL
    assert not mailed_to_new()


@pytest.mark.parametrize("mark", ["", "x", "\x00", "ü"])
def test_a_made_up_mark_leads_to_the_page(nells: Client, mark: str) -> None:
    nells.post(EMAIL, NEW)
    answer = nells.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": f"{EMAIL}?waiting={mark}"})
    assert answer["Location"] == EMAIL
    assert not mailed_to_new()
