"""allauth's questions go to the one table of limits; at a limit, too, nothing tells whether there is an account."""

import re
import time
from pathlib import Path

import allauth
import pytest
from django.conf import settings
from django.core import mail
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.limiter import ACTIONS
from accounts.models import User
from core import throttle
from core.throttle import LIMITS
from tests.accounts.doors import PASSWORD, comparable, invite, mailed_code, typed
from tests.throttling import request_from, spend

KNOWN, UNKNOWN = "nell@example.org", "nobody@example.org"
#: Pages of allauth that this site has not.
ABSENT = {"change_phone", "verify_phone"}


def test_each_action_of_allauth_stands_in_the_table() -> None:
    """After an update, too: a limit that is not in the table would be an error, or worse, none."""
    asked = set()
    for folder in ("account", "mfa", "core"):
        for file in (Path(allauth.__file__).parent / folder).rglob("*.py"):
            if "tests" not in file.parts:
                asked |= set(re.findall(r"""\baction="(\w+)\"""", file.read_text()))
    assert asked - ABSENT == set(ACTIONS)
    assert set(ACTIONS.values()) <= set(LIMITS)


def test_allauths_own_limiter_counts_nothing() -> None:
    from allauth.core.internal import ratelimit

    assert ratelimit.consume.__module__ == ratelimit.clear.__module__ == "accounts.limiter"
    assert not hasattr(settings, "ACCOUNT_RATE_LIMITS")


def test_a_second_factor_is_counted_for_its_account_and_forgotten_when_right() -> None:
    from allauth.core import ratelimit

    for _time in range(5):
        assert ratelimit.consume(request_from(), action="login_failed", key="mfa-auth-user-7")
    assert not ratelimit.consume(request_from(), action="login_failed", key="mfa-auth-user-7")
    assert not throttle.consume(request_from(), "wrong_second_factor", account="7")
    ratelimit.clear(request_from(), action="login_failed", key="mfa-auth-user-7")
    assert throttle.consume(request_from(), "wrong_second_factor", account="7")


def test_challenges_are_counted_though_they_are_got() -> None:
    from allauth.core.internal import ratelimit

    def asks() -> bool:
        request = RequestFactory().get("/")
        return bool(ratelimit.consume(request, app="allauth.mfa", action="webauthn_login"))

    assert [asks() for _time in range(31)] == [True] * 30 + [False]


# ---- Nothing tells whether there is an account ----


def shown(answer: object, email: str) -> tuple[int, str, str, str]:
    page = comparable(answer.content.decode(), email)  # type: ignore[attr-defined]
    return answer.status_code, answer.get("Location", ""), answer.get("Retry-After", ""), page  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("action", "times", "url", "data"),
    [
        ("wrong_password", 5, "account_login", {"password": "guessing and guessing"}),
        ("code", 3, "account_login", {"password": ""}),
        ("code", 3, "account_request_login_code", {}),
        ("reset", 3, "account_reset_password", {}),
        ("confirm_address", 1, "account_signup", {}),
        ("confirm_address", 1, "account_signup", {"password1": "a few words of one's own"}),
    ],
)
def test_at_and_beyond_the_limit_both_look_alike(
    nell: User, action: str, times: int, url: str, data: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, list[object]] = {KNOWN: [], UNKNOWN: []}
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000.0)
    moment = typed()
    for email, answers in seen.items():
        spend(action, times - 1, account=email, address="192.0.2.7")
        for _one in ("at the limit", "beyond it", "beyond it"):
            client = Client(headers={"accept-language": "en"}, REMOTE_ADDR="192.0.2.7")
            client = invite(client) if url == "account_signup" else client
            mails = len(mail.outbox)
            with CaptureQueriesContext(connection) as queries:
                answer = client.post(reverse(url), {**moment, "login": email, "email": email, **data})
            # Opening an account writes one, and there is none to open where there is one already.
            work = 0 if url == "account_signup" and answer.status_code == 302 else len(queries)
            answers.append((*shown(answer, email), work, len(mail.outbox) - mails))
    assert seen[KNOWN] == seen[UNKNOWN]
    assert [answer[0] for answer in seen[KNOWN]][1:] == [429, 429]  # type: ignore[index]
    assert {answer[-1] for answer in seen[KNOWN][1:]} == {0}, "no mail"  # type: ignore[index]


def test_one_mailbox_gets_so_many_mails_a_day_from_everybody_together(db: None) -> None:
    for number in range(30):
        client = Client(REMOTE_ADDR=f"203.{number}.113.1")
        url = ("account_login", "account_reset_password", "account_request_login_code")[number % 3]
        assert client.post(reverse(url), {"login": UNKNOWN, "email": UNKNOWN}).status_code == 302
    assert len(mail.outbox) == 30
    for url in ("account_login", "account_reset_password", "account_request_login_code"):
        answer = Client(REMOTE_ADDR="198.51.100.1").post(reverse(url), {"login": UNKNOWN, "email": UNKNOWN.upper()})
        assert answer.status_code == 429
        assert int(answer["Retry-After"]) > 23 * 3600
    assert len(mail.outbox) == 30


# ---- The way in that is left ----


def test_a_stranger_who_guesses_all_day_does_not_lock_nell_out(nell: User) -> None:
    home = Client(headers={"accept-language": "en"}, REMOTE_ADDR="198.51.100.1")
    assert home.post(reverse("account_login"), {"login": nell.email, "password": PASSWORD}).status_code == 302
    cookie = home.cookies[settings.FAMILIAR_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert nell.email not in cookie.value
    home.post(reverse("account_logout"))
    for number in range(60):
        spend("wrong_password", 1, account=nell.email, address=f"203.{number}.113.7")
    new = Client(headers={"accept-language": "en"}, REMOTE_ADDR="198.51.100.2")
    assert new.post(reverse("account_login"), {"login": nell.email, "password": PASSWORD}).status_code == 429
    assert home.post(reverse("account_login"), {"login": nell.email, "password": PASSWORD}).status_code == 302
    assert home.session["_auth_user_id"] == str(nell.pk)
    assert new.post(reverse("account_login"), {"login": nell.email, "password": ""}).status_code == 302, "by code"
    new.post(reverse("account_confirm_login_code"), {"code": mailed_code()})
    assert new.session["_auth_user_id"] == str(nell.pk)


def test_a_right_password_spends_nothing(nell: User) -> None:
    for _time in range(12):
        client = Client()
        assert client.post(reverse("account_login"), {"login": nell.email, "password": PASSWORD}).status_code == 302
    assert throttle.consume(request_from(), "wrong_password", account=nell.email)


def test_codes_cannot_be_sprayed_over_many_accounts(guest: Client, db: None) -> None:
    spend("wrong_code", 29)
    guest.post(reverse("account_login"), {"login": UNKNOWN, "password": ""})
    page = reverse("account_confirm_login_code")
    assert guest.post(page, {"code": "000000"}).status_code == 422
    answer = guest.post(page, {"code": "000000"})
    assert answer.status_code == 429
    assert "too many tries" in answer.content.decode()
    assert "You have four tries left." in answer.content.decode(), "it cost none"


def test_a_code_is_not_looked_at_beyond_the_limit(guest: Client, nell: User) -> None:
    guest.post(reverse("account_login"), {"login": nell.email, "password": ""})
    code = mailed_code()
    spend("wrong_code", 30)
    assert guest.post(reverse("account_confirm_login_code"), {"code": code}).status_code == 429
    assert "_auth_user_id" not in guest.session


def test_a_right_code_spends_nothing(guest: Client, nell: User) -> None:
    spend("wrong_code", 29)
    guest.post(reverse("account_login"), {"login": nell.email, "password": ""})
    guest.post(reverse("account_confirm_login_code"), {"code": mailed_code()})
    assert guest.session["_auth_user_id"] == str(nell.pk)
    assert throttle.consume(request_from(), "wrong_code")


def test_a_script_hears_the_reason(guest: Client, nell: User) -> None:
    spend("sign_in", 30)
    answer = guest.post(reverse("account_login"), {"login": nell.email}, headers={"accept": "application/json"})
    assert answer.status_code == 429
    assert answer.json() == {"reason": "That was a bit much at once. Try again in about a minute.", "is_final": False}
    assert 50 <= int(answer["Retry-After"]) <= 60
