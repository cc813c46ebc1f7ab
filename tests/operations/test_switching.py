"""Another mail server where mail leaves already: told by the old one, done a day later, and stopped by a word."""

import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from core.mail import MailServer
from core.models import Installation
from operations import switching
from operations.mail import choose_mail_server
from operations.models import LogEntry, MailSwitch
from operations.tasks import complete_mail_switch
from tests import factories
from tests.accounts.doors import signed_in_just_now

OLD = MailServer("mail.example.org", 465, "tls", "us", "old pass", "kreis@place.example")
THIEF = MailServer("thief.example.net", 465, "tls", "us", "new pass", "kreis@place.example")
PAGE = "/operations/settings/mail/"


def typed(server: MailServer) -> dict[str, Any]:
    return {
        "mail_host": server.host,
        "mail_port": server.port,
        "mail_security": server.security,
        "mail_user": server.user,
        "mail_password": server.password,
        "mail_from": server.sender,
    }


def server_now() -> MailServer:
    return MailServer.of(Installation.objects.get(pk=Installation.ROW))


def pass_a_day() -> None:
    MailSwitch.objects.update(due_at=timezone.now() - timedelta(seconds=1))


@pytest.fixture
def operator(opal: User) -> Client:
    """Asked a moment ago whether it is her. Mail leaves already."""
    Installation.objects.get_or_create(pk=Installation.ROW)
    choose_mail_server(OLD)
    return signed_in_just_now(Client(headers={"accept-language": "en"}), opal)


@pytest.fixture
def second(db: None) -> User:
    user = factories.account("oscar")
    user.is_operator = True
    user.save()
    return user


def ask(client: Client, server: MailServer = THIEF, other: dict[str, str] | None = None) -> None:
    assert client.post(PAGE, typed(server) | (other or {})).status_code == 302


@pytest.mark.parametrize("other", [{}, {"untried": ""}])
@pytest.mark.django_db(transaction=True)
def test_the_old_server_stays_for_a_day_and_every_operator_is_told(
    operator: Client, opal: User, second: User, other: dict[str, str]
) -> None:
    ask(operator, other=other)
    assert server_now() == OLD
    told = [letter for letter in mail.outbox if "another server" in letter.subject]
    assert {letter.to[0] for letter in told} == {opal.email, second.email}
    assert THIEF.host not in "".join(str(letter.body) for letter in told)  # nothing that somebody typed
    assert [letter.subject for letter in mail.outbox if letter not in told] == ["Test mail from Kreis"]  # never untried
    complete_mail_switch()
    assert server_now() == OLD
    pass_a_day()
    complete_mail_switch()
    assert server_now() == THIEF
    complete_mail_switch()
    acts = LogEntry.objects.order_by("pk").values_list("act", flat=True)
    assert list(acts) == ["mail_asked", "mail"]
    assert MailSwitch.objects.get().mail_password == ""


def test_where_mail_leaves_nothing_is_kept_untried(operator: Client) -> None:
    assert 'name="untried"' not in operator.get(PAGE).content.decode()
    Installation.objects.update(mail_host="")
    assert 'name="untried"' in operator.get(PAGE).content.decode()
    ask(operator, other={"untried": ""})
    assert server_now() == THIEF
    assert not MailSwitch.objects.exists()


@pytest.mark.parametrize(
    "other", [{"host": "b.example"}, {"port": 587}, {"user": "you"}, {"security": "starttls"}, {}, {"password": "z"}]
)
def test_another_way_waits_another_password_or_sender_does_not(operator: Client, other: dict[str, Any]) -> None:
    plain = {"host": OLD.host, "port": OLD.port, "security": OLD.security, "user": OLD.user, "password": "old pass"}
    wanted = MailServer(**{**plain, **other, "sender": "new@place.example"})
    ask(operator, wanted)
    waits = bool(other) and "password" not in other
    assert MailSwitch.objects.exists() == waits
    assert (server_now() == wanted) == (not waits)


def test_any_operator_cancels_on_the_page(operator: Client, second: User) -> None:
    ask(operator)
    client = Client(headers={"accept-language": "en"})
    client.force_login(second)
    words = client.get("/operations/settings/").content.decode()
    assert "mail will leave by thief.example.net" in words
    assert "/operations/settings/mail/keep/" in words
    client.post("/operations/settings/mail/keep/")
    pass_a_day()
    complete_mail_switch()
    assert server_now() == OLD
    assert "thief.example.net" not in client.get("/operations/settings/").content.decode()
    client.post("/operations/settings/mail/keep/")  # twice
    assert LogEntry.objects.filter(act="mail_kept").count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_link_of_the_letter_asks_and_then_cancels(operator: Client, second: User) -> None:
    ask(operator)
    letter = next(str(letter.body) for letter in mail.outbox if letter.to == [second.email])
    link = re.search(r"https?://[^/]+(/mail-server/\S+)", letter)
    assert link
    stranger = Client(headers={"accept-language": "en"})
    assert "Keep the mail server?" in stranger.get(link[1]).content.decode()
    assert switching.open_switch()
    mail.outbox.clear()
    assert "Mail leaves as before" in stranger.post(link[1], follow=True).content.decode()
    assert not switching.open_switch()
    assert len(mail.outbox) == 2
    assert stranger.post(link[1]).status_code == 302
    assert len(mail.outbox) == 2
    assert stranger.post(link[1][:-12] + "x" * 3 + "/cancel/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_what_is_done_is_done_and_a_second_wish_waits_anew(operator: Client, second: User) -> None:
    ask(operator)
    MailSwitch.objects.update(due_at=timezone.now() + timedelta(minutes=1))
    other = MailServer("other.example.net", 465, "tls", "us", "x", "kreis@place.example")
    ask(operator, other)
    (switch,) = MailSwitch.objects.filter(cancelled_at=None)
    assert switch.due_at > timezone.now() + timedelta(hours=23)
    pass_a_day()
    complete_mail_switch()
    assert server_now() == other
    link = re.findall(r"(/mail-server/\S+)", str(mail.outbox[-1].body))[0]
    assert Client().post(link).status_code == 404


def test_nobody_else_asks_or_cancels(olga: User, operator: Client) -> None:
    with pytest.raises(PermissionDenied):
        switching.ask_for_server(actor=olga, server=THIEF)
    ask(operator)
    with pytest.raises(PermissionDenied):
        switching.cancel_switch(by=olga)
    assert switching.open_switch()


def test_whoever_has_the_machine_need_not_wait(operator: Client) -> None:
    with pytest.raises(CommandError):
        call_command("mail_server", "--now")
    ask(operator)
    said = StringIO()
    call_command("mail_server", stdout=said)
    assert "mail.example.org" in said.getvalue()
    assert "thief.example.net" in said.getvalue()
    call_command("mail_server", "--now", stdout=said)
    assert server_now() == THIEF
    ask(operator, OLD)
    call_command("mail_server", "--cancel", stdout=said)
    assert server_now() == THIEF
    with pytest.raises(CommandError):
        call_command("mail_server", "--cancel")


def test_the_table_holds_one_that_waits(operator: Client) -> None:
    ask(operator)
    with pytest.raises(IntegrityError), transaction.atomic():
        MailSwitch.objects.create(due_at=timezone.now())
