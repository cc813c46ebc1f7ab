"""Forgotten, changed, set."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import argon2
import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.core import mail
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.hashers import AT_ONCE
from accounts.models import User
from core import throttle
from tests.accounts.doors import PASSWORD, mailed_code, newest_mail, signed_in_just_now, with_app, wrong_code

NEW = "ein ganz anderer Satz"


def test_a_forgotten_password_is_replaced_with_a_mailed_code(guest: Client, nell: User) -> None:
    elsewhere = Client()
    elsewhere.force_login(nell)
    answer = guest.post(reverse("account_reset_password"), {"email": nell.email})
    assert answer["Location"] == reverse("account_confirm_password_reset_code")
    assert guest.get(reverse("account_complete_password_reset"))["Location"] == answer["Location"], "first the code"
    assert guest.post(reverse("account_confirm_password_reset_code"), {"code": wrong_code()}).status_code == 422
    answer = guest.post(reverse("account_confirm_password_reset_code"), {"code": mailed_code()})
    assert answer["Location"] == reverse("account_complete_password_reset")
    assert guest.get(reverse("account_complete_password_reset")).status_code == 200
    assert guest.post(reverse("account_complete_password_reset"), {"password1": "kurz"}).status_code == 422
    answer = guest.post(reverse("account_complete_password_reset"), {"password1": NEW})
    assert answer["Location"] == reverse("home")
    nell.refresh_from_db()
    assert nell.check_password(NEW)
    assert guest.session["_auth_user_id"] == str(nell.pk)
    assert elsewhere.get(reverse("account")).status_code == 302, "all other devices are signed out"
    assert "A change to your account" in [message.subject for message in mail.outbox]


def test_a_password_is_changed_with_the_old_one(guest: Client, nell: User) -> None:
    guest.force_login(nell)
    url = reverse("account_change_password")
    assert guest.post(url, {"oldpassword": "not that one", "password1": NEW}).status_code == 422
    assert guest.post(url, {"oldpassword": PASSWORD, "password1": "qwertyuiop123"}).status_code == 422
    answer = guest.post(url, {"oldpassword": PASSWORD, "password1": NEW}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("account")
    assert "Your new password is saved." in answer.content.decode()
    nell.refresh_from_db()
    assert nell.check_password(NEW)
    assert newest_mail().to == [nell.email]


def test_who_has_a_second_factor_shows_it_before_changing_the_password(guest: Client, nell: User) -> None:
    with_app(nell)
    guest.force_login(nell)
    url = reverse("account_change_password")
    for answer in (guest.get(url), guest.post(url, {"oldpassword": PASSWORD, "password1": NEW})):
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("account_reauthenticate"))
    nell.refresh_from_db()
    assert nell.check_password(PASSWORD)
    signed_in_just_now(guest, nell)
    assert guest.post(url, {"oldpassword": PASSWORD, "password1": NEW}).status_code == 302
    nell.refresh_from_db()
    assert nell.check_password(NEW)


def test_a_wrong_old_password_is_a_guess_like_any_other(guest: Client, nell: User) -> None:
    guest.force_login(nell)
    url = reverse("account_change_password")
    for _time in range(5):
        guest.post(url, {"oldpassword": "not that one", "password1": NEW})
    assert guest.post(url, {"oldpassword": PASSWORD, "password1": NEW}).status_code == 429
    signing_in = Client().post(reverse("account_login"), {"login": nell.email, "password": PASSWORD})
    assert signing_in.status_code == 429
    nell.refresh_from_db()
    assert nell.check_password(PASSWORD)


def test_a_right_old_password_spends_nothing(guest: Client, nell: User) -> None:
    guest.force_login(nell)
    old, new = PASSWORD, NEW
    for _time in range(4):
        assert guest.post(reverse("account_change_password"), {"oldpassword": old, "password1": new}).status_code == 302
        old, new = new, old
    uses = [throttle.consume(RequestFactory().get("/"), "wrong_password", account=nell.email) for _time in range(5)]
    assert all(uses)


def test_many_passwords_at_once_wait_for_one_another(nell: User) -> None:
    """Each takes 46 MiB while it is hashed."""
    at_once, most, guard = 0, 0, threading.Lock()
    whole = argon2.low_level.hash_secret

    def hash_slowly(*args: Any, **kwargs: Any) -> bytes:
        nonlocal at_once, most
        with guard:
            at_once += 1
            most = max(most, at_once)
        try:
            time.sleep(0.02)
            return whole(*args, **kwargs)
        finally:
            with guard:
                at_once -= 1

    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(12) as pool:
        patch.setattr("argon2.low_level.hash_secret", hash_slowly)
        made = list(pool.map(make_password, [PASSWORD] * 12))
    assert most == AT_ONCE
    assert all("m=47104,t=1,p=1" in one for one in made)


def test_a_hash_by_older_numbers_is_read_and_made_anew(guest: Client, nell: User) -> None:
    nell.password = Argon2PasswordHasher().encode(PASSWORD, "saltsaltsaltsalt")
    nell.save()
    assert guest.post(reverse("account_login"), {"login": nell.email, "password": PASSWORD}).status_code == 302
    nell.refresh_from_db()
    assert "m=47104,t=1,p=1" in nell.password
    assert nell.check_password(PASSWORD)


def test_an_account_without_a_password_can_set_one(guest: Client, nell: User) -> None:
    nell.set_unusable_password()
    nell.save()
    signed_in_just_now(guest, nell)
    assert guest.get(reverse("account_change_password"))["Location"] == reverse("account_set_password")
    guest.post(reverse("account_set_password"), {"password1": NEW})
    nell.refresh_from_db()
    assert nell.check_password(NEW)
    assert guest.get(reverse("account")).status_code == 200, "this device stays signed in"


def test_no_mail_goes_out_for_wrong_input(guest: Client, nell: User) -> None:
    guest.post(reverse("account_reset_password"), {"email": "no address"})
    assert mail.outbox == []
