"""The link in letters about a changed password or factor: "It was not me"."""

import re
import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.letters.changes import SHUT_OUT, shut_out_url
from accounts.models import User
from accounts.tickets import ticket
from tests.accounts.conftest import Commits
from tests.accounts.doors import PASSWORD, newest_mail
from tests.accounts.test_devices import is_signed_in
from tests.accounts.test_new_device import browser, sign_in

OTHER = "ein ganz anderer Satz"


def change_password(client: Client) -> None:
    client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": OTHER})


def link() -> str:
    found = re.search(r"https?://[^/]+(/accounts/stop/\S+)", str(newest_mail().body))
    assert found, newest_mail().body
    return found.group(1)


def test_the_owner_throws_out_who_changed_the_password(nell: User, commits: Commits) -> None:
    stranger = browser("Edge on Windows")
    sign_in(stranger, nell)
    change_password(stranger)
    assert newest_mail().to == [nell.email]
    assert link() in str(newest_mail().alternatives[0][0])
    reader, sent = Client(headers={"accept-language": "en"}), link()
    page = reader.get(sent)
    assert page.status_code == 200
    assert page["Referrer-Policy"] == "no-referrer"
    assert is_signed_in(stranger), "programs that look for harm in mails open links, too"
    with commits():
        done = reader.post(sent)
    assert "Everybody is signed out" in done.content.decode()
    assert reverse("account_request_login_code") in done.content.decode()
    assert not is_signed_in(stranger)
    nell.refresh_from_db()
    assert not nell.has_usable_password()
    assert not nell.known_devices.exists()
    assert "All devices are signed out" in newest_mail().subject


def test_it_works_once_and_not_after_another_password(nell: User, commits: Commits) -> None:
    first = browser()
    sign_in(first, nell)
    change_password(first)
    sent = link()
    assert Client().post(sent).status_code == 200
    count = len(mail.outbox)
    with commits():
        assert Client().post(sent).status_code == 404
    assert Client().get(sent).status_code == 404
    assert len(mail.outbox) == count
    nell.refresh_from_db()
    older = shut_out_url(nell).partition("/accounts/")[2]
    nell.set_password(OTHER)
    nell.save()
    sign = browser()
    sign.force_login(nell)
    assert Client().post(f"/accounts/{older}").status_code == 404
    assert is_signed_in(sign)


def test_it_works_for_seven_days(nell: User, monkeypatch: pytest.MonkeyPatch) -> None:
    path = "/accounts/" + shut_out_url(nell).partition("/accounts/")[2]
    later = time.time() + timedelta(days=7).total_seconds()
    monkeypatch.setattr("accounts.letters.changes.time.time", lambda: later - 5)
    assert Client().get(path).status_code == 200
    monkeypatch.setattr("accounts.letters.changes.time.time", lambda: later + 5)
    assert Client().get(path).status_code == 404
    assert Client().post(path).status_code == 404
    nell.refresh_from_db()
    assert nell.has_usable_password()


def test_factors_stay_and_are_asked_for(nell: User) -> None:
    """Or whoever reads the mailbox would be past the second step."""
    Authenticator.objects.create(user=nell, type="totp", data={})
    Client().post("/accounts/" + shut_out_url(nell).partition("/accounts/")[2])
    assert Authenticator.objects.filter(user=nell).count() == 1


def test_forged_links_are_none(nell: User) -> None:
    bert = User.objects.create_user("bert@example.org", PASSWORD)
    state = shut_out_url(bert).split(".")[-3]
    forged = [
        ticket(SHUT_OUT, ""),
        ticket(SHUT_OUT, nell.pk.hex),
        ticket(SHUT_OUT, f"{nell.pk.hex}.{state}.{10**10}"),
        ticket(SHUT_OUT, f"{nell.pk.hex}.{'9' * 30}.{'9' * 30}"),
        ticket("undo address", f"{nell.pk.hex}.{state}.1"),
        "\x00",
        "9" * 30,
    ]
    for one in forged:
        assert Client().post(reverse("shut_out", args=[one])).status_code == 404, one
    nell.refresh_from_db()
    assert nell.has_usable_password()
