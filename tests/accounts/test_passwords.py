"""Forgotten, changed, set."""

from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.accounts.doors import PASSWORD, mailed_code, newest_mail, signed_in_just_now, wrong_code

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
