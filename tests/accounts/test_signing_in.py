"""Signing in by mailed code and by password."""

import re
import time

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.accounts.doors import PASSWORD, invite, mailed_code, newest_mail, wrong_code


def ask_for_code(client: Client, email: str, **more: str) -> None:
    answer = client.post(reverse("account_login"), {"login": email, "password": "", **more})
    assert answer.status_code == 302, answer.content
    assert answer["Location"].startswith(reverse("account_confirm_login_code"))


def is_signed_in(client: Client, user: User) -> bool:
    return client.session.get("_auth_user_id") == str(user.pk)


def test_one_signs_in_by_mailed_code(guest: Client, nell: User) -> None:
    ask_for_code(guest, "Nell@Example.org")
    page = guest.get(reverse("account_confirm_login_code"))
    assert "nell@example.org" in page.content.decode()
    answer = guest.post(reverse("account_confirm_login_code"), {"code": mailed_code()})
    assert answer["Location"] == reverse("home")
    assert is_signed_in(guest, nell)


def test_the_code_may_be_typed_in_two_halves(guest: Client, nell: User) -> None:
    ask_for_code(guest, nell.email)
    code = mailed_code()
    guest.post(reverse("account_confirm_login_code"), {"code": f" {code[:3]}-{code[3:]} "})
    assert is_signed_in(guest, nell)


def test_one_signs_in_by_password(guest: Client, nell: User) -> None:
    answer = guest.post(reverse("account_login"), {"login": nell.email, "password": PASSWORD})
    assert answer["Location"] == reverse("home")
    assert is_signed_in(guest, nell)
    assert mail.outbox == []


def test_a_wrong_password_is_answered_with_422_and_the_open_form(guest: Client, nell: User) -> None:
    answer = guest.post(reverse("account_login"), {"login": nell.email, "password": "something else entirely"})
    assert answer.status_code == 422
    assert "do not go together" in answer.content.decode()
    assert '<details class="more" open>' in answer.content.decode()
    assert not is_signed_in(guest, nell)


def test_signing_in_goes_on_to_next_then_joining_then_home(guest: Client, nell: User) -> None:
    ask_for_code(guest, nell.email, next="/me/")
    answer = guest.post(reverse("account_confirm_login_code") + "?next=/me/", {"code": mailed_code()})
    assert answer["Location"] == "/me/"
    joining = invite(Client())
    answer = joining.post(reverse("account_login"), {"login": nell.email, "password": PASSWORD})
    assert answer["Location"] == reverse("join")
    assert joining.session["pending_join"]


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_signing_in_never_leads_to_another_site(guest: Client, nell: User, elsewhere: str) -> None:
    answer = guest.post(reverse("account_login"), {"login": nell.email, "password": PASSWORD, "next": elsewhere})
    assert answer["Location"] == reverse("home")


def test_a_code_is_sent_even_if_the_browser_has_filled_in_a_password(guest: Client, nell: User) -> None:
    ask_for_code(guest, nell.email, password="filled in by the browser", way="code")
    assert len(mail.outbox) == 1


def test_a_code_works_only_in_the_browser_that_asked(guest: Client, nell: User) -> None:
    ask_for_code(guest, nell.email)
    other = Client()
    answer = other.post(reverse("account_confirm_login_code"), {"code": mailed_code()})
    assert answer["Location"] == reverse("account_request_login_code")
    assert not is_signed_in(other, nell)


def test_the_page_says_how_many_tries_are_left_and_ends_them(guest: Client, nell: User) -> None:
    ask_for_code(guest, nell.email)
    wrong = wrong_code()
    texts = []
    for _ in range(4):
        answer = guest.post(reverse("account_confirm_login_code"), {"code": wrong})
        assert answer.status_code == 422
        texts.append(" ".join(answer.content.decode().split()))
    assert "This is not the code. You have four tries left." in texts[0]
    assert "You have one try left." in texts[3]
    code = mailed_code()
    answer = guest.post(reverse("account_confirm_login_code"), {"code": wrong})
    assert answer["Location"] == reverse("account_request_login_code")
    guest.post(reverse("account_confirm_login_code"), {"code": code})
    assert not is_signed_in(guest, nell)


def test_a_code_that_is_too_short_says_so_and_costs_no_try(guest: Client, nell: User) -> None:
    ask_for_code(guest, nell.email)
    for typed, said in [
        ("4071", "There are two digits missing."),
        ("40711", "One digit is missing."),
        ("abcdef", "six digits"),
    ]:
        answer = guest.post(reverse("account_confirm_login_code"), {"code": typed})
        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert "You have five tries left." in answer.content.decode()
    guest.post(reverse("account_confirm_login_code"), {"code": mailed_code()})
    assert is_signed_in(guest, nell)


def test_a_code_stops_working_after_fifteen_minutes(guest: Client, nell: User, monkeypatch: pytest.MonkeyPatch) -> None:
    ask_for_code(guest, nell.email)
    late = time.time() + 15 * 60 + 1
    monkeypatch.setattr(time, "time", lambda: late)
    guest.post(reverse("account_confirm_login_code"), {"code": mailed_code()})
    assert not is_signed_in(guest, nell)


def test_another_code_can_be_had_after_a_pause(guest: Client, nell: User, monkeypatch: pytest.MonkeyPatch) -> None:
    ask_for_code(guest, nell.email)
    page = guest.get(reverse("account_confirm_login_code")).content.decode()
    assert re.search(r"New code possible in (39|40) seconds", page)
    guest.post(reverse("account_confirm_login_code"), {"action": "resend"})
    assert len(mail.outbox) == 1, "too early"
    first = mailed_code()
    later = time.time() + 41
    monkeypatch.setattr(time, "time", lambda: later)
    assert "Send a new code" in guest.get(reverse("account_confirm_login_code")).content.decode()
    guest.post(reverse("account_confirm_login_code"), {"action": "resend"})
    assert len(mail.outbox) == 2
    if first != mailed_code():
        guest.post(reverse("account_confirm_login_code"), {"code": first})
        assert not is_signed_in(guest, nell), "the first code is replaced"
    guest.post(reverse("account_confirm_login_code"), {"code": mailed_code()})
    assert is_signed_in(guest, nell)


def test_another_address_leads_back_and_forgets_the_code(guest: Client, nell: User) -> None:
    ask_for_code(guest, nell.email)
    answer = guest.post(reverse("account_other_address"))
    assert answer["Location"] == reverse("account_login")
    assert guest.get(reverse("account_login")).status_code == 200
    guest.post(reverse("account_confirm_login_code"), {"code": mailed_code()})
    assert not is_signed_in(guest, nell)


def test_too_many_wrong_passwords_are_stopped(guest: Client, nell: User) -> None:
    for _ in range(5):
        guest.post(reverse("account_login"), {"login": nell.email, "password": "guessing and guessing"})
    answer = guest.post(reverse("account_login"), {"login": nell.email, "password": PASSWORD})
    assert answer.status_code == 429
    page = answer.content.decode()
    assert "That was too many tries. Try again in about five minutes." in page
    assert f'value="{nell.email}"' in page, "what was typed stays"
    assert 290 <= int(answer["Retry-After"]) <= 300
    assert not is_signed_in(guest, nell)


def test_too_many_codes_are_stopped(guest: Client, nell: User) -> None:
    for _ in range(3):
        ask_for_code(Client(), nell.email)
    answer = guest.post(reverse("account_login"), {"login": nell.email, "password": ""})
    assert answer.status_code == 429
    assert "too many tries" in answer.content.decode()
    assert 50 <= int(answer["Retry-After"]) <= 60
    assert len(mail.outbox) == 3


def test_too_many_requests_get_the_house_page(guest: Client, db: None) -> None:
    answers = [guest.post(reverse("account_login"), {"login": "x"}) for _ in range(31)]
    assert answers[-1].status_code == 429
    assert "a bit much at once" in answers[-1].content.decode()
    assert "It goes on <b>in about a minute</b>" in answers[-1].content.decode()
    assert "say yes when your browser asks" in answers[-1].content.decode()
    assert 50 <= int(answers[-1]["Retry-After"]) <= 60


def test_a_closed_account_is_told_so_only_after_the_right_password(guest: Client, nell: User) -> None:
    nell.is_active = False
    nell.save()
    wrong = guest.post(reverse("account_login"), {"login": nell.email, "password": "something else entirely"})
    assert wrong.status_code == 422
    answer = guest.post(reverse("account_login"), {"login": nell.email, "password": PASSWORD}, follow=True)
    assert "This account is closed" in answer.content.decode()
    assert not is_signed_in(guest, nell)


def test_signing_out_takes_a_post(guest: Client, nell: User) -> None:
    guest.force_login(nell)
    assert "Sign out?" in guest.get(reverse("account_logout")).content.decode()
    assert is_signed_in(guest, nell)
    assert guest.post(reverse("account_logout"))["Location"] == reverse("account_login")
    assert not is_signed_in(guest, nell)


def test_signing_out_clears_what_this_browser_has_stored(guest: Client, nell: User) -> None:
    """Drafts, unsent messages and faces; not cookies (the language), and not by looking at the page."""
    guest.force_login(nell)
    assert "Clear-Site-Data" not in guest.get(reverse("account_logout"))
    assert guest.post(reverse("account_logout"))["Clear-Site-Data"] == '"cache", "storage"'


def test_the_mail_is_discreet_and_has_both_shapes(guest: Client, nell: User) -> None:
    ask_for_code(guest, nell.email)
    message = newest_mail()
    assert message.subject == "Your code"
    html = str(message.alternatives[0][0])
    assert html.count("<style>") == 1
    assert " style=" not in html
    assert mailed_code() in html
    assert "http" not in str(message.body) + html, "a code, never a link"
