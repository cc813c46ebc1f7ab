"""Where somebody has a second factor, being asked again asks for it: a password or a mailed code is not enough."""

import time

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.accounts.doors import PASSWORD, digits, mailed_code, with_app, with_codes

ASK, CODE = reverse("account_reauthenticate"), reverse("account_reauthenticate_by_code")
DANGEROUS = [reverse(name) for name in ("mfa_deactivate_totp", "mfa_generate_recovery_codes", "account_email")]


@pytest.fixture
def nells(guest: Client, nell: User) -> Client:
    guest.force_login(nell)
    return guest


def test_a_password_is_not_enough(nells: Client, nell: User) -> None:
    secret = with_app(nell)
    page = nells.get(ASK).content.decode()
    assert 'name="password"' not in page
    assert 'name="code"' in page
    answer = nells.post(ASK, {"password": PASSWORD})
    assert answer.status_code == 422
    for url in DANGEROUS:
        assert str(nells.get(url)["Location"]).startswith(ASK)
    assert nells.post(ASK, {"code": digits(secret), "next": DANGEROUS[0]})["Location"] == DANGEROUS[0]
    assert nells.get(DANGEROUS[0]).status_code == 200


def test_a_recovery_code_is(nells: Client, nell: User) -> None:
    with_app(nell)
    codes = with_codes(nell)
    nells.post(ASK, {"recovery_code": codes[0]})
    assert nells.get(DANGEROUS[0]).status_code == 200


def test_a_code_that_was_mailed_before_is_not_enough_either(nells: Client, nell: User) -> None:
    nell.set_unusable_password()
    nell.save()
    nells.force_login(nell)
    nells.post(ASK)
    with_app(nell)
    assert str(nells.post(CODE, {"code": mailed_code()})["Location"]).startswith(ASK)
    assert nells.get(DANGEROUS[0]).status_code == 302


@pytest.mark.parametrize("way", ["password", "code", "password_reset"])
def test_having_signed_in_by_less_is_not_enough(nells: Client, nell: User, way: str) -> None:
    """As in a session from before the factor was added."""
    session = nells.session
    session["account_authentication_methods"] = [{"method": way, "at": time.time()}]
    session["account_authentication_methods_user"] = str(nell.pk)
    session.save()
    assert nells.get(reverse("account_email")).status_code == 200
    with_app(nell)
    assert nells.get(reverse("account_email")).status_code == 302


def test_recovery_codes_alone_are_no_factor(nells: Client, nell: User) -> None:
    with_codes(nell)
    assert nells.post(ASK, {"password": PASSWORD}).status_code == 302
    assert nells.get(reverse("account_email")).status_code == 200


def test_who_has_just_added_a_factor_has_shown_it(nells: Client, nell: User) -> None:
    nells.post(ASK, {"password": PASSWORD})
    url = reverse("mfa_activate_totp")
    page = nells.get(url).content.decode()
    key = page.partition('class="secret-key">')[2].partition("<")[0].replace(" ", "")
    answer = nells.post(url, {"code": digits(key)})
    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    assert nells.get(reverse("mfa_view_recovery_codes")).status_code == 200
    assert Authenticator.objects.filter(user=nell).count() == 2
