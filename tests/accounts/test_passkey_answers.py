"""What is sent in place of a browser's answer: made-up, broken, too long. Never an error, never a way in."""

import json
import time

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from fido2.utils import websafe_encode

from accounts.models import User
from tests.accounts.doors import PASSWORD, signed_in_just_now, with_app, with_passkey

JUNK = [
    "",
    "x",
    "[]",
    "5",
    "null",
    '"\\u0000"',
    "{}",
    '{"response": []}',
    '{"response": {}}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": 5}}',
    '{"id": "AA", "rawId": "AB", "type": "x", "response": {"clientDataJSON": "AAAA", "authenticatorData": "AA"}}',
    '{"rawId": "\\u0000", "response": {"clientDataJSON": "e30", "attestationObject": "oA"}}',
    '{"response": {"clientDataJSON": "e30", "attestationObject": "////", "transports": 7}}',
    "[" * 5000,
    '{"response": {"clientDataJSON": "' + "A" * 20_000 + '"}}',
    "\x00",
]
LOGIN, DOOR = reverse("account_login"), reverse("mfa_login_webauthn")


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: repr(junk[:20]))
def test_junk_opens_no_door(db: None, junk: str) -> None:
    answer = Client(headers={"accept-language": "en"}).post(DOOR, {"credential": junk}, follow=True)
    assert answer.redirect_chain[-1][0] == LOGIN
    assert "This passkey does not fit here." in answer.content.decode()


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: repr(junk[:20]))
def test_junk_is_no_second_step_and_no_new_passkey(guest: Client, nell: User, junk: str) -> None:
    with_app(nell)
    with_passkey(nell)
    guest.post(LOGIN, {"login": nell.email, "password": PASSWORD})
    guest.get(reverse("mfa_authenticate"))
    assert guest.post(reverse("mfa_authenticate"), {"credential": junk}).status_code == 422
    assert guest.get(reverse("account")).status_code == 302
    inside = signed_in_just_now(Client(), nell)
    inside.get(reverse("mfa_add_webauthn"))
    assert inside.post(reverse("mfa_add_webauthn"), {"name": "New", "credential": junk}).status_code == 422
    inside.get(reverse("account_reauthenticate"))
    assert inside.post(reverse("account_reauthenticate"), {"credential": junk}).status_code == 422
    assert Authenticator.objects.filter(type="webauthn").count() == 1


def test_looking_at_the_door_begins_no_session(db: None) -> None:
    client = Client()
    page = client.get(LOGIN)
    assert b"passkey-options" in page.content
    assert "sessionid" not in client.cookies


def test_a_question_is_not_asked_for_ever(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(headers={"accept-language": "en"})
    page = client.get(LOGIN).content.decode()
    block = page.split('<script id="passkey-options" type="application/json">')[1].split("</script>")[0]
    challenge = json.loads(block)["publicKey"]["challenge"]
    said = json.dumps({"type": "webauthn.get", "challenge": challenge, "origin": "http://testserver"})
    response = {"clientDataJSON": websafe_encode(said.encode()), "signature": "AAAA"}
    response |= {"authenticatorData": websafe_encode(b"\0" * 37), "userHandle": "A" * 22}
    given = json.dumps({"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": response})
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 16 * 60)
    answer = client.post(DOOR, {"credential": given}, follow=True)
    assert "That took too long." in answer.content.decode()


def test_trying_passkeys_is_limited(db: None) -> None:
    client = Client()
    statuses = [client.post(DOOR, {"credential": "{}"}).status_code for _try in range(31)]
    assert statuses == [302] * 30 + [429]


def test_a_passkey_page_leads_to_no_other_site(db: None) -> None:
    answer = Client().post(DOOR, {"credential": "{}", "next": "https://evil.example/"})
    assert answer["Location"].startswith(LOGIN)
