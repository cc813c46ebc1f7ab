"""One's own account: language, appearance, address."""

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.accounts.conftest import Commits
from tests.accounts.doors import PASSWORD, mailed_code, newest_mail, signed_in_just_now


@pytest.mark.parametrize(
    "name",
    ["account", "account_email", "account_change_password", "account_set_password", "account_reauthenticate"],
)
def test_the_pages_of_an_account_are_for_who_is_signed_in(guest: Client, db: None, name: str) -> None:
    answer = guest.get(reverse(name))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", ["language", "appearance", "account_other_address"])
def test_no_get_changes_state(guest: Client, nell: User, name: str) -> None:
    guest.force_login(nell)
    assert guest.get(reverse(name)).status_code == 405


# ---- Language ----


def test_the_browser_is_asked_which_language(db: None) -> None:
    for wanted, expected in [("de-AT,de;q=0.9", "de"), ("en-GB", "en"), ("fr", "de")]:
        answer = Client(headers={"accept-language": wanted}).get(reverse("account_login"))
        assert answer["Content-Language"] == expected
        assert f'<html lang="{expected}"' in answer.content.decode()
        assert {"Accept-Language", "Cookie"} <= {part.strip() for part in answer["Vary"].split(",")}


def test_a_chosen_language_is_kept_in_this_browser(guest: Client, db: None) -> None:
    answer = guest.post(reverse("language"), {"language": "de", "next": "/accounts/login/"})
    assert answer["Location"] == "/accounts/login/"
    assert guest.get(reverse("account_login"))["Content-Language"] == "de"


def test_a_chosen_language_is_kept_with_the_account(guest: Client, nell: User) -> None:
    guest.force_login(nell)
    guest.post(reverse("language"), {"language": "de"})
    nell.refresh_from_db()
    assert nell.language == "de"
    other = Client(headers={"accept-language": "en"})
    other.force_login(nell)
    assert other.get(reverse("account"))["Content-Language"] == "de"


@pytest.mark.parametrize(
    "where", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_choosing_a_language_leads_to_no_other_site(guest: Client, db: None, where: str) -> None:
    assert guest.post(reverse("language"), {"language": "de", "next": where})["Location"] == reverse("home")


@pytest.mark.parametrize("unknown", ["fr", "", "de\x00", "x" * 1000])
def test_an_unknown_language_changes_nothing(guest: Client, nell: User, unknown: str) -> None:
    guest.force_login(nell)
    answer = guest.post(reverse("language"), {"language": unknown})
    assert answer.status_code == 302
    assert settings.LANGUAGE_COOKIE_NAME not in answer.cookies
    nell.refresh_from_db()
    assert nell.language == "en"


def test_mail_speaks_the_language_of_who_gets_it(nell: User) -> None:
    nell.language = "de"
    nell.save()
    Client(headers={"accept-language": "en"}).post(reverse("account_login"), {"login": nell.email, "password": ""})
    assert 'lang="de"' in str(newest_mail().alternatives[0][0])


# ---- Appearance ----


def test_appearance_is_chosen(guest: Client, nell: User) -> None:
    guest.force_login(nell)
    guest.post(reverse("appearance"), {"theme": "dark"})
    nell.refresh_from_db()
    assert nell.theme == "dark"
    assert 'data-theme="dark"' in guest.get(reverse("account")).content.decode()
    guest.post(reverse("appearance"), {"theme": "pink"})
    nell.refresh_from_db()
    assert nell.theme == "dark"


# ---- Address ----


def begin_change(client: Client, email: str) -> str:
    """Ask for the code to a new address; where that leads."""
    return str(client.post(reverse("account_email"), {"email": email, "action_add": ""})["Location"])


def test_the_address_changes_with_a_code_to_the_new_one(guest: Client, nell: User, commits: Commits) -> None:
    nell.set_unusable_password()
    nell.save()
    signed_in_just_now(guest, nell)
    assert begin_change(guest, "new@example.org") == reverse("account_email_verification_sent")
    assert mail.outbox[-1].to == ["new@example.org"]
    nell.refresh_from_db()
    assert nell.email == "nell@example.org", "not before the code"
    with commits():
        answer = guest.post(reverse("account_email_verification_sent"), {"code": mailed_code()}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("account")
    nell.refresh_from_db()
    assert nell.email == "new@example.org"
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [("new@example.org", True, True)]
    assert [message.to for message in mail.outbox[-2:]] == [["nell@example.org"], ["new@example.org"]], "both are told"


def test_who_has_a_password_is_asked_for_it_first(guest: Client, nell: User) -> None:
    guest.force_login(nell)
    where = begin_change(guest, "new@example.org")
    assert where.startswith(reverse("account_reauthenticate"))
    assert guest.get(where).status_code == 200
    assert guest.post(where, {"password": "not the right one"}).status_code == 422
    assert mail.outbox == []
    guest.post(where, {"password": PASSWORD})
    assert mail.outbox[-1].to == ["new@example.org"]
    guest.post(reverse("account_email_verification_sent"), {"code": mailed_code()})
    nell.refresh_from_db()
    assert nell.email == "new@example.org"


def test_another_persons_address_cannot_be_taken_nor_found_out(guest: Client, nell: User) -> None:
    bert = User.objects.create_user("bert@example.org", language="en")
    signed_in_just_now(guest, bert)
    assert begin_change(guest, nell.email) == reverse("account_email_verification_sent")
    guest.post(reverse("account_email_verification_sent"), {"code": mailed_code()})
    bert.refresh_from_db()
    assert bert.email == "bert@example.org"
    assert guest.get(reverse("account_email_verification_sent")).status_code in {200, 302}


def test_an_address_that_somebody_only_claimed_can_be_mine(guest: Client, nell: User) -> None:
    claimed = User.objects.create(email="mine@example.org")
    claimed.set_unusable_password()
    claimed.save()
    EmailAddress.objects.create(user=claimed, email=claimed.email, primary=True)
    nell.set_unusable_password()
    nell.save()
    signed_in_just_now(guest, nell)
    begin_change(guest, "mine@example.org")
    guest.post(reverse("account_email_verification_sent"), {"code": mailed_code()})
    nell.refresh_from_db()
    assert nell.email == "mine@example.org"
    assert not User.objects.filter(pk=claimed.pk).exists()


def test_a_name_that_is_markup_stays_text(guest: Client, nell: User) -> None:
    User.objects.filter(pk=nell.pk).update(email="<b>nell</b>@example.org")
    guest.force_login(nell)
    assert "<b>nell</b>@" not in guest.get(reverse("account")).content.decode()
