"""Signing up: by invitation, with the mailed code, with or without a password."""

import time

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.accounts.doors import PASSWORD, invite, mailed_code, newest_mail, typed, wrong_code


def sign_up(client: Client, email: str, password: str = "") -> None:
    answer = client.post(reverse("account_signup"), typed(email=email, password1=password))
    assert answer.status_code == 302, answer.content.decode()
    assert answer["Location"] == reverse("account_email_verification_sent")


def confirm(client: Client, code: str) -> str:
    answer = client.post(reverse("account_email_verification_sent"), {"code": code})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def account_in(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def test_without_an_invitation_there_is_a_friendly_page(guest: Client, db: None) -> None:
    for answer in [
        guest.get(reverse("account_signup")),
        guest.post(reverse("account_signup"), typed(email="new@example.org", password1="")),
    ]:
        assert "You come here by invitation" in answer.content.decode()
    assert not User.objects.exists()


def test_one_signs_up_with_an_address_and_the_mailed_code(invited: Client) -> None:
    sign_up(invited, "New@Example.org")
    assert newest_mail().to == ["new@example.org"]
    assert newest_mail().subject == "Your code"
    assert confirm(invited, mailed_code()) == reverse("join")
    user = User.objects.get()
    assert account_in(invited) == str(user.pk)
    assert user.email == "new@example.org"
    assert not user.has_usable_password()
    assert user.language == "en"
    assert invited.session["pending_join"], "joining still waits"


def test_who_is_in_may_open_no_second_account(invited: Client) -> None:
    invited.post(reverse("account_signup"), typed(email="new@example.org"))
    invited.post(reverse("account_email_verification_sent"), {"code": mailed_code()})
    assert "_auth_user_id" in invited.session
    assert "may_sign_up" not in invited.session
    assert "pending_join" in invited.session, "what was begun goes on"


def test_one_may_sign_up_with_a_password_as_well(invited: Client) -> None:
    sign_up(invited, "new@example.org", PASSWORD)
    confirm(invited, mailed_code())
    assert User.objects.get().check_password(PASSWORD)
    assert User.objects.get().password.startswith("argon2")


@pytest.mark.parametrize(
    ("password", "said"),
    [("kurz", "too short"), ("qwertyuiop123", "Too many people"), ("new@example.org", "too much like")],
)
def test_weak_passwords_are_refused(invited: Client, password: str, said: str) -> None:
    answer = invited.post(reverse("account_signup"), typed(email="new@example.org", password1=password))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not User.objects.exists()


def test_long_passwords_need_no_special_signs(invited: Client) -> None:
    sign_up(invited, "new@example.org", "regenschirmfabrik")
    confirm(invited, mailed_code())
    assert User.objects.get().check_password("regenschirmfabrik")


@pytest.mark.parametrize(
    "email",
    [
        "a@example.org\nBcc: victim@example.org",
        "a@example.org\r\nSubject: x",
        '"a\x0bb"@example.org',
        '"a b"@example.org',
        "a\x00@example.org",
        "a@example.org, b@example.org",
        "<script>@example.org",
        "x" * 300 + "@example.org",
    ],
)
def test_hostile_addresses_never_reach_a_mail(invited: Client, email: str) -> None:
    for url, field in [("account_signup", "email"), ("account_login", "login"), ("account_reset_password", "email")]:
        answer = invited.post(reverse(url), {**typed(), field: email, "password": "", "password1": ""})
        assert answer.status_code == 422, (url, answer.content.decode())
    assert mail.outbox == []


def test_the_steps_of_joining_are_shown(invited: Client) -> None:
    assert 'aria-label="Step 2 of 4"' in invited.get(reverse("account_signup")).content.decode()
    sign_up(invited, "new@example.org")
    assert 'aria-label="Step 3 of 4"' in invited.get(reverse("account_email_verification_sent")).content.decode()


def test_wrong_codes_are_counted(invited: Client) -> None:
    sign_up(invited, "new@example.org")
    answer = invited.post(reverse("account_email_verification_sent"), {"code": wrong_code()})
    assert answer.status_code == 422
    assert "You have four tries left." in answer.content.decode()


def test_another_address_leads_back_to_signing_up(invited: Client) -> None:
    sign_up(invited, "typo@example.org")
    assert invited.post(reverse("account_other_address"))["Location"] == reverse("account_signup")
    sign_up(invited, "right@example.org")
    assert confirm(invited, mailed_code()) == reverse("join")
    assert User.objects.get(pk=account_in(invited)).email == "right@example.org"


def test_a_second_code_can_be_had(invited: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_up(invited, "new@example.org")
    later = time.time() + 41
    monkeypatch.setattr(time, "time", lambda: later)
    invited.post(reverse("account_email_verification_sent"), {"action": "resend"})
    assert len(mail.outbox) == 2
    assert confirm(invited, mailed_code()) == reverse("join")


def test_an_account_that_was_begun_can_be_begun_again(db: None) -> None:
    first, second = invite(Client()), invite(Client())
    sign_up(first, "new@example.org")
    older = mailed_code()
    cache.clear()
    sign_up(second, "new@example.org")
    assert confirm(second, mailed_code()) == reverse("join")
    assert User.objects.count() == 1
    page = first.post(reverse("account_email_verification_sent"), {"code": older}, follow=True)
    assert page.status_code == 200
    assert account_in(first) is None


def test_a_stranger_who_used_my_address_first_gets_nothing(db: None) -> None:
    """They choose a password for my address and wait until I prove it."""
    stranger, me = invite(Client()), invite(Client())
    sign_up(stranger, "me@example.org", "the stranger's own words")
    cache.clear()
    sign_up(me, "me@example.org")
    code = mailed_code()
    cache.clear()
    # Once more while I am looking for my mail.
    stranger.post(reverse("account_other_address"))
    sign_up(stranger, "me@example.org", "the stranger's own words")
    assert confirm(me, code) == reverse("join")
    assert not User.objects.get().has_usable_password()


def test_a_stranger_gets_nothing_when_i_sign_in_by_code_either(db: None) -> None:
    stranger, me = invite(Client()), Client()
    sign_up(stranger, "me@example.org", "the stranger's own words")
    me.post(reverse("account_login"), {"login": "me@example.org", "password": ""})
    me.post(reverse("account_confirm_login_code"), {"code": mailed_code()})
    user = User.objects.get()
    assert account_in(me) == str(user.pk)
    assert not user.has_usable_password()


def test_the_page_of_an_account_that_is_gone_starts_over(invited: Client) -> None:
    sign_up(invited, "new@example.org")
    User.objects.all().delete()
    answer = invited.post(reverse("account_email_verification_sent"), {"code": mailed_code()})
    assert answer["Location"] in {reverse("account_signup"), reverse("account_login")}


def test_who_has_an_account_is_told_by_mail_only(invited: Client, nell: User) -> None:
    sign_up(invited, nell.email)
    assert newest_mail().to == [nell.email]
    assert newest_mail().subject == "You have an account already"
    page = invited.get(reverse("account_email_verification_sent")).content.decode()
    assert "Six digits are on their way" in page
    assert User.objects.count() == 1
