"""A changed address: who is told, and how the old one takes it back."""

import re
from datetime import datetime, timedelta
from smtplib import SMTPException
from unittest.mock import patch

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import actions, tasks
from accounts.models import AddressChange, FactorReset, KnownDevice, Session, User
from accounts.tickets import ticket
from tests.accounts.conftest import Commits
from tests.accounts.doors import PASSWORD, invite, mailed_code, newest_mail, signed_in_just_now, typed, with_app
from tests.accounts.test_devices import is_signed_in

OLD, NEW = "nell@example.org", "new@example.org"


def change_address(client: Client, commits: Commits, email: str = NEW) -> None:
    client.post(reverse("account_email"), {"email": email, "action_add": ""})
    with commits():
        answer = client.post(reverse("account_email_verification_sent"), {"code": mailed_code()})
    assert answer["Location"] == reverse("account")


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    signed_in_just_now(client, user)
    return client


def to(address: str) -> list[str]:
    return [f"{message.subject}\n{message.body}" for message in mail.outbox if message.to == [address]]


def link(address: str = OLD) -> str:
    found = re.findall(r"https?://[^/]+(/accounts/address/\S+)", "".join(to(address)))
    assert found, to(address)
    return str(found[-1])


@pytest.fixture
def thief(nell: User, commits: Commits) -> Client:
    """Somebody at an open session, who knows the password and has just given the account another address."""
    client = signed_in(nell)
    change_address(client, commits)
    return client


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(timezone, "now", lambda: moment)


def factor(user: User, kind: str, made_at: datetime) -> Authenticator:
    return Authenticator.objects.create(user=user, type=kind, data={"name": kind}, created_at=made_at)


# ---- Told ----


def test_both_addresses_are_told_and_the_old_one_does_not_learn_the_new(thief: Client) -> None:
    assert "Your account has another address now" in to(OLD)[-1]
    assert NEW not in str([message.message() for message in mail.outbox if message.to == [OLD]])
    assert "This is the address of your account now" in to(NEW)[-1]
    assert "/accounts/address/" not in to(NEW)[-1], "only the old one can take it back"


def test_they_speak_the_language_of_the_account(nell: User, commits: Commits) -> None:
    client = signed_in(nell)
    User.objects.update(language="de")
    change_address(client, commits)
    assert to(OLD)[-1].startswith("Dein Konto hat jetzt eine andere Adresse")
    assert to(NEW)[-1].startswith("Das ist jetzt die Adresse deines Kontos")


def test_an_address_mistyped_on_signing_up_takes_nothing_back(db: None, commits: Commits) -> None:
    """It was never proven: it may be a stranger's."""
    user = User.objects.create(email="typo@example.org")
    old = EmailAddress.objects.create(user=user, email=user.email, primary=True)
    new = EmailAddress.objects.create(user=user, email=NEW)
    request = Client().get(reverse("account_login")).wsgi_request
    from allauth.account.internal.flows.manage_email import emit_email_changed

    with commits():
        emit_email_changed(request, old, new)
    assert mail.outbox == []
    assert not AddressChange.objects.exists()


def test_a_dead_mail_server_stops_no_change_and_the_log_names_nobody(
    nell: User, commits: Commits, caplog: pytest.LogCaptureFixture
) -> None:
    client = signed_in(nell)
    client.post(reverse("account_email"), {"email": NEW, "action_add": ""})
    with patch.object(EmailBackend, "send_messages", side_effect=SMTPException(f"{OLD} {NEW}")), commits():
        client.post(reverse("account_email_verification_sent"), {"code": mailed_code()})
    nell.refresh_from_db()
    assert nell.email == NEW
    assert AddressChange.objects.open().exists()
    assert "SMTPException" in caplog.text
    assert "example.org" not in caplog.text


# ---- Taken back ----


def test_opening_the_link_changes_nothing(thief: Client, nell: User) -> None:
    page = Client(headers={"accept-language": "en"}).get(link())
    assert page.status_code == 200
    assert page["Referrer-Policy"] == "no-referrer"
    assert NEW not in page.content.decode()
    nell.refresh_from_db()
    assert nell.email == NEW
    assert is_signed_in(thief)


def test_its_button_gives_the_account_back_and_locks_everybody_out(thief: Client, nell: User, commits: Commits) -> None:
    KnownDevice.objects.create(user=nell, mark="x" * 64)
    with commits():
        answer = Client(headers={"accept-language": "en"}).post(link(), follow=True)
    assert "Your account has its old address again" in answer.content.decode()
    nell.refresh_from_db()
    assert (nell.email, nell.has_usable_password()) == (OLD, False)
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [(OLD, True, True)]
    assert not is_signed_in(thief)
    assert not Session.objects.filter(account=nell).exists()
    assert not KnownDevice.objects.filter(user=nell).exists()
    assert "Your account has its old address again" in to(OLD)[-1]
    assert "no longer the address of your account" in to(NEW)[-1]
    guest = Client()
    guest.post(reverse("account_login"), {"login": OLD, "password": ""})
    guest.post(reverse("account_confirm_login_code"), {"code": mailed_code()})
    assert is_signed_in(guest), "with a code to the old address"


def test_a_link_works_once(thief: Client, nell: User, commits: Commits) -> None:
    where = link()
    Client().post(where)
    change_address(signed_in(User.objects.get(pk=nell.pk)), commits, "third@example.org")
    for way in ("get", "post"):
        assert getattr(Client(), way)(where).status_code == 404
    nell.refresh_from_db()
    assert nell.email == "third@example.org"


@pytest.mark.parametrize(("later", "status"), [(timedelta(days=6, hours=23), 302), (timedelta(days=7, hours=1), 404)])
def test_a_link_works_for_seven_days(
    thief: Client, nell: User, monkeypatch: pytest.MonkeyPatch, later: timedelta, status: int
) -> None:
    where = link()
    at(monkeypatch, timezone.now() + later)
    assert Client().post(where).status_code == status


def test_forged_links_are_all_one_page(thief: Client, nell: User) -> None:
    change, good = AddressChange.objects.get(), link().split("/")[3]
    pages = set()
    for forged in (
        ticket("end session", change.pk.hex),
        ticket("undo address", nell.pk.hex),
        ticket("undo address", "x"),
        change.pk.hex,
        good[:-2],
        good.replace(".", "\x00"),
        "9" * 30,
    ):
        answer = Client(headers={"accept-language": "en"}).post(reverse("undo_address_change", args=[forged]))
        assert answer.status_code == 404, forged
        pages.add(answer.content)
    assert len(pages) == 1
    nell.refresh_from_db()
    assert nell.email == NEW


def test_factors_added_since_an_hour_before_go_and_older_ones_stay(thief: Client, nell: User) -> None:
    changed_at = AddressChange.objects.get().changed_at
    old = factor(nell, "webauthn", changed_at - timedelta(minutes=61))
    factor(nell, "webauthn", changed_at - timedelta(minutes=59))
    factor(nell, "totp", changed_at + timedelta(days=1))
    codes = factor(nell, "recovery_codes", changed_at - timedelta(days=9))
    Client().post(link())
    assert set(Authenticator.objects.all()) == {old, codes}


def test_recovery_codes_do_not_stay_alone(thief: Client, nell: User) -> None:
    changed_at = AddressChange.objects.get().changed_at
    factor(nell, "totp", changed_at)
    factor(nell, "recovery_codes", changed_at - timedelta(days=9))
    Client().post(link())
    assert not Authenticator.objects.exists()


def test_a_reset_that_waits_is_cancelled_with_it(thief: Client, nell: User) -> None:
    factor(nell, "totp", timezone.now() - timedelta(days=30))
    actions.ask_factor_reset(user=nell, asked_by=None)
    Client().post(link())
    nell.refresh_from_db()
    assert nell.factor_reset_due_at is None
    assert FactorReset.objects.get().cancelled_at is not None


def test_changing_twice_does_not_shake_off_the_first_address(thief: Client, nell: User, commits: Commits) -> None:
    change_address(signed_in(User.objects.get(pk=nell.pk)), commits, "third@example.org")
    first, second = link(OLD), link(NEW)
    with commits():
        assert Client().post(first).status_code == 302
    nell.refresh_from_db()
    assert nell.email == OLD
    assert Client().post(second).status_code == 404, "what came after it is void"
    assert all("no longer the address" in to(address)[-1] for address in (NEW, "third@example.org"))


# ---- What was begun and not finished ----


@pytest.mark.parametrize("begin", ["account_reset_password", "account_login"])
def test_a_code_asked_for_before_opens_nothing_afterwards(thief: Client, nell: User, begin: str) -> None:
    """The thief reads the new mailbox, and has a code from there that was good."""
    page = {"account_login": "account_confirm_login_code"}.get(begin, "account_confirm_password_reset_code")
    waiting, other = Client(), Client()
    waiting.post(reverse(begin), {"login": NEW, "email": NEW, "password": ""})
    code = mailed_code()
    other.post(reverse(begin), {"login": "bert@example.org", "email": "bert@example.org", "password": ""})
    Client().post(link())
    waiting.post(reverse(page), {"code": code})
    waiting.post(reverse("account_complete_password_reset"), {"password1": "the thief's own words"})
    assert not is_signed_in(waiting)
    nell.refresh_from_db()
    assert (nell.email, nell.has_usable_password()) == (OLD, False)
    assert other.get(reverse(page)).status_code == 200, "others go on with what they began"


def test_whoever_has_the_old_mailbox_alone_does_not_get_past_an_older_factor(thief: Client, nell: User) -> None:
    with_app(nell)
    Authenticator.objects.update(created_at=timezone.now() - timedelta(days=30))
    Client().post(link())
    mailbox = Client()
    mailbox.post(reverse("account_login"), {"login": OLD, "password": ""})
    answer = mailbox.post(reverse("account_confirm_login_code"), {"code": mailed_code()})
    assert answer["Location"] == reverse("mfa_authenticate")
    assert not is_signed_in(mailbox)


@pytest.mark.parametrize("end", ["taking the change back", "a new password"])
def test_a_sign_in_that_lacks_the_second_step_only_ends_too(thief: Client, nell: User, end: str) -> None:
    """What was proven then is no proof any more; what somebody else has begun goes on."""
    bert = User.objects.create_user("bert@example.org", PASSWORD)
    for person in (nell, bert):
        with_app(person)
    Authenticator.objects.update(created_at=timezone.now() - timedelta(days=30))
    waiting, other = Client(), Client()
    for client, address in ((waiting, NEW), (other, bert.email)):
        client.post(reverse("account_login"), {"login": address, "password": PASSWORD})
        assert client.get(reverse("mfa_authenticate")).status_code == 200
    if end == "a new password":
        thief.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": "ein ganz anderer Satz"})
    else:
        Client().post(link())
    assert waiting.get(reverse("mfa_authenticate")).status_code == 302
    assert other.get(reverse("mfa_authenticate")).status_code == 200


# ---- Nobody else's meanwhile ----


def sign_up(email: str) -> Client:
    client = invite(Client(headers={"accept-language": "en"}))
    client.post(reverse("account_signup"), typed(email=email, password1=PASSWORD))
    return client


def test_the_old_address_opens_no_other_account_for_seven_days(
    thief: Client, nell: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_up(OLD)
    assert newest_mail().subject == "This address is not free yet"
    assert newest_mail().to == [OLD]
    assert not User.objects.filter(email=OLD).exists()
    at(monkeypatch, timezone.now() + timedelta(days=7, minutes=1))
    cache.clear()
    client = sign_up(OLD)
    client.post(reverse("account_email_verification_sent"), {"code": mailed_code()})
    assert User.objects.filter(email=OLD).exists()


def test_another_account_cannot_move_to_it_and_its_own_can_move_back(
    thief: Client, nell: User, commits: Commits
) -> None:
    bert = User.objects.create_user("bert@example.org", language="en")
    other = signed_in(bert)
    other.post(reverse("account_email"), {"email": OLD, "action_add": ""})
    other.post(reverse("account_email_verification_sent"), {"code": mailed_code()})
    bert.refresh_from_db()
    assert bert.email == "bert@example.org"
    cache.clear()
    change_address(signed_in(User.objects.get(pk=nell.pk)), commits, OLD)
    nell.refresh_from_db()
    assert nell.email == OLD


def test_an_address_that_is_anothers_by_now_is_refused_in_words(thief: Client, nell: User) -> None:
    """Only by a hand in the database: everything else keeps it. Nothing of the account changes then."""
    User.objects.create_user(OLD, language="en", last_login=timezone.now())
    answer = Client(headers={"accept-language": "en"}).post(link())
    assert answer.status_code == 422
    assert "belongs to another account by now" in answer.content.decode()
    nell.refresh_from_db()
    assert (nell.email, nell.has_usable_password()) == (NEW, True)
    assert is_signed_in(thief)


def test_an_account_that_only_claims_the_address_gives_way(thief: Client, nell: User) -> None:
    User.objects.create(email=OLD)
    assert Client().post(link()).status_code == 302
    nell.refresh_from_db()
    assert nell.email == OLD


def test_old_addresses_are_forgotten(thief: Client) -> None:
    tasks.delete_old_sessions()
    assert AddressChange.objects.exists()
    AddressChange.objects.update(changed_at=timezone.now() - timedelta(days=7, minutes=1))
    tasks.delete_old_sessions()
    assert not AddressChange.objects.exists()
