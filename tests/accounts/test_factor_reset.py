"""An operator takes a second factor away: after 48 hours, told at once, cancelled by a word."""

import re
from datetime import datetime, timedelta
from smtplib import SMTPException
from unittest.mock import patch

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import actions, tasks
from accounts.models import FactorReset, Session, User
from accounts.tickets import ticket
from tests.accounts.conftest import Commits
from tests.accounts.doors import PASSWORD, newest_mail
from tests.accounts.test_devices import is_signed_in

BANNER = "the second factor of your account is removed"


@pytest.fixture
def nell(nell: User) -> User:
    """Has an authenticator app, and lost the telephone."""
    Authenticator.objects.create(user=nell, type="totp", data={"secret": "x"})
    Authenticator.objects.create(user=nell, type="recovery_codes", data={})
    return nell


@pytest.fixture
def operator(db: None) -> User:
    return User.objects.create_user("op@example.org", language="en", is_operator=True)


def ask(user: User, commits: Commits, by: User | None = None) -> FactorReset:
    with commits():
        return actions.ask_factor_reset(user=user, asked_by=by)


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(timezone, "now", lambda: moment)


def link() -> str:
    found = re.search(r"https?://[^/]+(/accounts/factor-reset/\S+)", str(newest_mail().body))
    assert found, newest_mail().body
    return found.group(1)


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def has_factors(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user))


# ---- Asking ----


def test_it_is_told_at_once_by_mail_and_on_every_page(nell: User, operator: User, commits: Commits) -> None:
    client = signed_in(nell)
    assert BANNER not in client.get(reverse("account")).content.decode()
    reset = ask(nell, commits, operator)
    assert reset.due_at - reset.asked_at == timedelta(hours=48)
    assert newest_mail().to == [nell.email]
    assert newest_mail().subject == "Your second factor is going to be removed"
    assert operator.email not in str(newest_mail().message())
    for path in (reverse("account"), reverse("home"), reverse("account_reauthenticate"), "/nothing-here/"):
        assert BANNER in client.get(path).content.decode(), path
    assert BANNER not in signed_in(operator).get(reverse("account")).content.decode()
    assert has_factors(nell)


def test_only_operators_and_the_command_line_ask_and_only_where_there_is_a_factor(nell: User, operator: User) -> None:
    with pytest.raises(PermissionDenied):
        actions.ask_factor_reset(user=nell, asked_by=nell)
    with pytest.raises(ValidationError):
        actions.ask_factor_reset(user=operator, asked_by=None)
    assert not FactorReset.objects.exists()
    assert actions.ask_factor_reset(user=nell, asked_by=None).asked_by is None


def test_asked_twice_is_asked_once(nell: User, operator: User, commits: Commits) -> None:
    second = User.objects.create_user("second@example.org", is_operator=True)
    assert len({ask(nell, commits, one).pk for one in (operator, second, operator, None)}) == 1
    assert len(mail.outbox) == 1
    assert FactorReset.objects.get().asked_by == operator


def test_a_dead_mail_server_stops_no_reset_and_the_log_names_nobody(
    nell: User, commits: Commits, caplog: pytest.LogCaptureFixture
) -> None:
    with patch.object(EmailBackend, "send_messages", side_effect=SMTPException(nell.email)):
        ask(nell, commits)
    assert FactorReset.objects.open().exists()
    assert "SMTPException" in caplog.text
    assert nell.email not in caplog.text


# ---- 48 hours later ----


def test_nothing_happens_before_and_the_clock_does_it_after(
    nell: User, commits: Commits, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, now = signed_in(nell), timezone.now()
    at(monkeypatch, now)
    ask(nell, commits)
    at(monkeypatch, now + timedelta(hours=47, minutes=59))
    tasks.complete_factor_resets()
    assert has_factors(nell)
    assert is_signed_in(client)
    at(monkeypatch, now + timedelta(hours=48))
    for _twice in range(2):
        with commits():
            tasks.complete_factor_resets()
    assert not has_factors(nell)
    assert not Session.objects.filter(account=nell).exists()
    assert [message.subject for message in mail.outbox] == [
        "Your second factor is going to be removed",
        "Your second factor was removed",
    ]
    nell.refresh_from_db()
    assert nell.factor_reset_due_at is None
    assert nell.has_usable_password()


def test_where_no_worker_runs_signing_in_does_it(nell: User, commits: Commits, monkeypatch: pytest.MonkeyPatch) -> None:
    old, guest, now = signed_in(nell), Client(), timezone.now()
    ask(nell, commits)
    at(monkeypatch, now + timedelta(hours=48, minutes=1))
    with commits():
        answer = guest.post(reverse("account_login"), {"login": nell.email, "password": PASSWORD})
    assert answer["Location"] == reverse("home")
    assert is_signed_in(guest)
    assert not is_signed_in(old)
    assert not has_factors(nell)
    assert "Your second factor was removed" in [message.subject for message in mail.outbox]


def test_one_that_waits_goes_when_the_last_factor_does(nell: User, commits: Commits) -> None:
    from allauth.mfa.base.internal.flows import delete_and_cleanup

    ask(nell, commits)
    request = signed_in(nell).get(reverse("account")).wsgi_request
    nell.refresh_from_db()
    delete_and_cleanup(request, Authenticator.objects.select_related("user").get(user=nell, type="totp"))
    nell.refresh_from_db()
    assert nell.factor_reset_due_at is None
    assert not FactorReset.objects.open().exists()


# ---- Saying no ----


def test_every_signed_in_device_can_cancel_it(nell: User, commits: Commits, monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(nell)
    ask(nell, commits)
    for _twice in range(2):
        with commits():
            answer = client.post(reverse("cancel_factor_reset"), follow=True)
        assert "Your second factor stays" in answer.content.decode()
    assert BANNER not in client.get(reverse("account")).content.decode()
    assert [message.subject for message in mail.outbox][1:] == ["Your second factor stays"]
    at(monkeypatch, timezone.now() + timedelta(days=3))
    tasks.complete_factor_resets()
    assert has_factors(nell)


def test_nobody_cancels_anothers(nell: User, operator: User, commits: Commits) -> None:
    ask(nell, commits)
    bert = User.objects.create_user("bert@example.org")
    signed_in(bert).post(reverse("cancel_factor_reset"))
    with pytest.raises(PermissionDenied):
        actions.cancel_factor_reset(user=nell, by=bert)
    assert FactorReset.objects.open().exists()
    assert actions.cancel_factor_reset(user=nell, by=operator)


def test_the_link_of_the_mail_asks_first_and_then_cancels(nell: User, commits: Commits) -> None:
    ask(nell, commits)
    where, reader = link(), Client(headers={"accept-language": "en"})
    page = reader.get(where)
    assert "Keep your second factor?" in page.content.decode()
    assert page["Referrer-Policy"] == "no-referrer"
    assert FactorReset.objects.open().exists()
    for _twice in range(2):
        assert "Your second factor stays" in reader.post(where, follow=True).content.decode()
    assert not FactorReset.objects.open().exists()
    ask(nell, commits)
    reader.post(where)
    assert FactorReset.objects.open().exists(), "a link cancels its own reset only"


def test_a_link_that_is_forged_or_late_is_lost(nell: User, commits: Commits, monkeypatch: pytest.MonkeyPatch) -> None:
    reset = ask(nell, commits)
    where = link()
    for forged in (ticket("undo address", reset.pk.hex), reset.pk.hex, "9" * 30, "\x00", where.split("/")[3][:-1]):
        assert Client().post(reverse("refuse_factor_reset", args=[forged])).status_code == 404, forged
    assert FactorReset.objects.open().exists()
    at(monkeypatch, timezone.now() + timedelta(hours=49))
    tasks.complete_factor_resets()
    assert Client().get(where).status_code == 404


def test_what_is_over_is_forgotten(nell: User, commits: Commits) -> None:
    ask(nell, commits)
    actions.cancel_factor_reset(user=nell, by=None)
    for days, left in [(89, True), (91, False)]:
        FactorReset.objects.update(cancelled_at=timezone.now() - timedelta(days=days))
        tasks.delete_old_sessions()
        assert FactorReset.objects.exists() == left
