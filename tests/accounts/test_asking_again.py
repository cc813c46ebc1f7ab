"""Asking again before something dangerous: by password, or by a mailed code for who has nothing else."""

import time

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.accounts.doors import PASSWORD, mailed_code, newest_mail, signed_in_just_now, wrong_code

ASK, CODE = reverse("account_reauthenticate"), reverse("account_reauthenticate_by_code")
EMAIL, SET = reverse("account_email"), reverse("account_set_password")


@pytest.fixture
def bare(nell: User) -> User:
    """Somebody who signs in by mailed code."""
    nell.set_unusable_password()
    nell.save()
    return nell


@pytest.fixture
def browser(guest: Client, bare: User) -> Client:
    guest.force_login(bare)
    return guest


def begin(client: Client, url: str = SET) -> str:
    """Ask for a dangerous page, have the code mailed; the page that waits for it."""
    where = str(client.get(url)["Location"])
    assert where.startswith(ASK)
    assert client.get(where).status_code == 200
    answer = client.post(where)
    assert str(answer["Location"]).startswith(CODE)
    return str(answer["Location"])


@pytest.mark.parametrize("url", [EMAIL, SET])
def test_who_has_no_password_is_asked_by_mailed_code(browser: Client, bare: User, url: str) -> None:
    where = begin(browser, url)
    assert newest_mail().to == [bare.email]
    assert "Something important" in str(newest_mail().body)
    answer = browser.post(where, {"code": mailed_code()})
    assert answer["Location"] == url
    assert browser.get(url).status_code == 200


def test_looking_at_the_page_sends_nothing(browser: Client) -> None:
    browser.get(str(browser.get(SET)["Location"]))
    assert browser.get(CODE)["Location"].startswith(ASK)
    assert mail.outbox == []


def test_wrong_codes_lead_nowhere_and_are_counted(browser: Client) -> None:
    where = begin(browser)
    for _try in range(4):
        assert browser.post(where, {"code": wrong_code()}).status_code == 422
    assert str(browser.post(where, {"code": wrong_code()})["Location"]).startswith(ASK)
    assert str(browser.post(where, {"code": mailed_code()})["Location"]).startswith(ASK)
    assert browser.get(SET).status_code == 302


@pytest.mark.parametrize("code", ["", "12", "1234567", "abcdef", "\x00"])
def test_what_cannot_be_a_code_costs_no_try(browser: Client, code: str) -> None:
    where = begin(browser)
    for _try in range(6):
        assert browser.post(where, {"code": code}).status_code == 422
    assert browser.post(where, {"code": mailed_code()})["Location"] == SET


def test_a_code_is_good_for_one_answer_of_its_own_person(browser: Client, bare: User) -> None:
    where, code = begin(browser), mailed_code()
    other = Client()
    other.force_login(User.objects.create_user("olga@example.org"))
    assert str(other.post(where, {"code": code})["Location"]).startswith(ASK)
    assert browser.post(where, {"code": code})["Location"] == SET
    assert str(browser.post(where, {"code": code})["Location"]).startswith(ASK)


def test_codes_are_mailed_seldom(browser: Client) -> None:
    where = str(browser.get(SET)["Location"])
    for _time in range(5):
        browser.post(where)
    assert len(mail.outbox) == 3
    assert "That was a bit much at once" in browser.get(where).content.decode()


def test_another_code_can_be_had_after_a_pause(browser: Client) -> None:
    where = begin(browser)
    browser.post(where, {"action": "resend"})
    assert len(mail.outbox) == 1, "not at once"
    session = browser.session
    session["reauthentication_code"] |= {"at": time.time() - 60}
    session.save()
    browser.post(where, {"action": "resend"})
    assert len(mail.outbox) == 2
    assert browser.post(where, {"code": mailed_code()})["Location"] == SET


def test_it_holds_for_fifteen_minutes(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    browser.post(begin(browser), {"code": mailed_code()})
    assert browser.get(EMAIL).status_code == 200
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 15 * 60)
    assert browser.get(EMAIL).status_code == 302


def test_who_signed_in_just_now_is_not_asked(guest: Client, bare: User) -> None:
    guest.post(reverse("account_login"), {"login": bare.email, "way": "code"})
    guest.post(reverse("account_confirm_login_code"), {"code": mailed_code()})
    assert guest.get(SET).status_code == 200


def test_who_signed_in_as_somebody_else_is_asked(guest: Client, bare: User) -> None:
    signed_in_just_now(guest, bare)
    assert guest.get(SET).status_code == 200
    session = guest.session
    session["account_authentication_methods_user"] = str(User.objects.create_user("olga@example.org").pk)
    session.save()
    assert guest.get(SET).status_code == 302


def test_what_was_sent_waits_and_is_answered_then(browser: Client, bare: User) -> None:
    where = str(browser.post(EMAIL, {"email": "new@example.org", "action_add": ""})["Location"])
    answer = browser.post(str(browser.post(where)["Location"]), {"code": mailed_code()})
    assert answer["Location"] == reverse("account_email_verification_sent")
    assert newest_mail().to == ["new@example.org"]
    assert not EmailAddress.objects.exclude(email=bare.email).exists()


def test_what_waits_and_is_wrong_is_shown_again(browser: Client) -> None:
    where = str(browser.post(EMAIL, {"email": "new@", "action_add": ""})["Location"])
    answer = browser.post(str(browser.post(where)["Location"]), {"code": mailed_code()})
    assert answer.status_code == 422
    assert 'value="new@"' in answer.content.decode()


def test_a_password_does_not_wait_in_the_session(browser: Client) -> None:
    where = str(browser.post(SET, {"password1": PASSWORD})["Location"])
    assert PASSWORD not in str(dict(browser.session))
    assert browser.post(str(browser.post(where)["Location"]), {"code": mailed_code()})["Location"] == SET


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_asking_again_leads_to_no_other_site(guest: Client, nell: User, url: str) -> None:
    guest.force_login(nell)
    assert guest.post(ASK, {"password": PASSWORD, "next": url})["Location"] == reverse("account")


def test_guessing_a_password_is_slow(guest: Client, nell: User) -> None:
    guest.force_login(nell)
    for _try in range(5):
        assert guest.post(ASK, {"password": "wrong words"}).status_code == 422
    answer = guest.post(ASK, {"password": PASSWORD})
    assert answer.status_code == 429
    assert "That was too many tries" in answer.content.decode()
