"""Whether an address has an account shows neither in an answer nor in the work behind it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from tests.accounts.doors import comparable, invite, mailed_code, typed

KNOWN, UNKNOWN = "nell@example.org", "nobody@example.org"


@dataclass
class Work:
    status: int
    location: str
    page: str
    queries: int
    hashes: int
    mails: int


@pytest.fixture
def measure(monkeypatch: pytest.MonkeyPatch, nell: User) -> Callable[..., Work]:
    hashes: list[str] = []
    encode = Argon2PasswordHasher.encode
    verify = Argon2PasswordHasher.verify

    def counted_encode(self: Argon2PasswordHasher, password: str, salt: str) -> str:
        hashes.append("encode")
        return str(encode(self, password, salt))

    def counted_verify(self: Argon2PasswordHasher, password: str, encoded: str) -> bool:
        hashes.append("verify")
        return bool(verify(self, password, encoded))

    monkeypatch.setattr(Argon2PasswordHasher, "encode", counted_encode)
    monkeypatch.setattr(Argon2PasswordHasher, "verify", counted_verify)

    def of(client: Client, url: str, data: dict[str, str], email: str) -> Work:
        hashes.clear()
        mails = len(mail.outbox)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = client.post(url, data)
        page = comparable(answer.content.decode(), email)
        return Work(
            answer.status_code,
            str(answer.get("Location", "")),
            page,
            len(queries),
            len(hashes),
            len(mail.outbox) - mails,
        )

    return of


def test_a_wrong_password(measure: Callable[..., Work]) -> None:
    work = [
        measure(Client(), reverse("account_login"), {"login": email, "password": "not the right one"}, email)
        for email in (KNOWN, UNKNOWN)
    ]
    assert work[0] == work[1]
    assert work[0].hashes == 1


def test_a_password_for_an_account_without_one(measure: Callable[..., Work], nell: User) -> None:
    nell.set_unusable_password()
    nell.save()
    work = [
        measure(Client(), reverse("account_login"), {"login": email, "password": "not the right one"}, email)
        for email in (KNOWN, UNKNOWN)
    ]
    assert work[0] == work[1]
    assert work[0].hashes == 1


@pytest.mark.parametrize("url", ["account_login", "account_request_login_code", "account_reset_password"])
def test_asking_for_a_code(measure: Callable[..., Work], url: str) -> None:
    work = [
        measure(Client(), reverse(url), {"login": email, "email": email, "password": ""}, email)
        for email in (KNOWN, UNKNOWN)
    ]
    assert work[0] == work[1]
    assert work[0].mails == 1
    assert [message.to for message in mail.outbox] == [[KNOWN], [UNKNOWN]]
    assert mail.outbox[1].subject == "Kein Konto mit dieser Adresse" or "account" in mail.outbox[1].subject


@pytest.mark.parametrize("url", ["account_login", "account_reset_password"])
def test_typing_in_a_wrong_code(measure: Callable[..., Work], url: str) -> None:
    page = {"account_login": "account_confirm_login_code"}.get(url, "account_confirm_password_reset_code")
    work = []
    for email in (KNOWN, UNKNOWN):
        client = Client()
        client.post(reverse(url), {"login": email, "email": email, "password": ""})
        answers = [measure(client, reverse(page), {"code": "000000"}, email) for _ in range(5)]
        work.append([(one.status, one.location, one.mails, one.hashes) for one in answers])
    assert work[0] == work[1]


def test_asking_for_another_code(measure: Callable[..., Work], monkeypatch: pytest.MonkeyPatch) -> None:
    work = []
    now = time.time()
    for email in (KNOWN, UNKNOWN):
        client = Client()
        monkeypatch.setattr(time, "time", lambda: now)
        client.post(reverse("account_login"), {"login": email, "password": ""})
        monkeypatch.setattr(time, "time", lambda: now + 41)
        work.append(measure(client, reverse("account_confirm_login_code"), {"action": "resend"}, email))
    assert work[0].mails == work[1].mails == 1
    assert (work[0].status, work[0].location) == (work[1].status, work[1].location)


@pytest.mark.parametrize("password", ["", "a few words of one's own"])
def test_signing_up(measure: Callable[..., Work], password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    work, pages, again = [], [], []
    now = time.time()
    for email in (KNOWN, UNKNOWN):
        cache.clear()
        monkeypatch.setattr(time, "time", lambda: now)
        client = invite(Client())
        work.append(measure(client, reverse("account_signup"), typed(email=email, password1=password), email))
        page = client.get(reverse("account_email_verification_sent")).content.decode()
        pages.append(comparable(page, email))
        monkeypatch.setattr(time, "time", lambda: now + 41)
        again.append(measure(client, reverse("account_email_verification_sent"), {"action": "resend"}, email))
    assert pages[0] == pages[1]
    for known, unknown in (work, again):
        assert (known.status, known.location, known.page) == (unknown.status, unknown.location, unknown.page)
        assert known.hashes == unknown.hashes
        assert known.mails == unknown.mails == 1


def test_what_is_mailed_to_an_unknown_address_opens_nothing(db: None) -> None:
    Client().post(reverse("account_login"), {"login": UNKNOWN, "password": ""})
    with pytest.raises(AssertionError):
        mailed_code()
