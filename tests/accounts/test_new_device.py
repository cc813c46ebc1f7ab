"""A sign-in from a browser that is not known: who is told, when, and what the link in the letter does."""

import re
from smtplib import SMTPException
from unittest.mock import patch

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import KnownDevice, Session, User
from accounts.tickets import opened, ticket
from tests.accounts.doors import PASSWORD, invite, mailed_code, newest_mail, typed
from tests.accounts.test_devices import BROWSERS, is_signed_in

SUBJECT = "Somebody signed in to your account"


@pytest.fixture
def nell(nell: User) -> User:
    """Was here before."""
    nell.last_login = timezone.now()
    nell.save()
    return nell


def browser(name: str = "Firefox on Linux", address: str = "203.0.113.9") -> Client:
    return Client(headers={"accept-language": "en", "user-agent": BROWSERS[name]}, REMOTE_ADDR=address)


def sign_in(client: Client, user: User) -> None:
    assert client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD}).status_code == 302


def letters() -> list[str]:
    return [str(message.body) for message in mail.outbox if message.subject == SUBJECT]


def link() -> str:
    found = re.search(r"https?://[^/]+(/accounts/device/\S+)", letters()[-1])
    assert found, letters()
    return found.group(1)


def test_a_new_browser_is_told_of_once_and_says_which_and_from_where(nell: User) -> None:
    client = browser()
    sign_in(client, nell)
    assert newest_mail().to == [nell.email]
    assert "Firefox on Linux (203.0.113.x)" in letters()[0]
    assert "Firefox on Linux (203.0.113.x)" in str(newest_mail().alternatives[0][0])
    assert "203.0.113.9" not in str(newest_mail().message())
    client.post(reverse("account_logout"))
    sign_in(client, nell)
    assert len(letters()) == 1, "it is known by its cookie now"
    sign_in(browser("Safari on iOS"), nell)
    assert len(letters()) == 2


def test_the_letter_speaks_the_language_of_the_account(nell: User) -> None:
    nell.language = "de"
    nell.save()
    sign_in(browser(), nell)
    assert newest_mail().subject == "Jemand hat sich in deinem Konto angemeldet"


def test_the_cookie_is_signed_hidden_from_scripts_and_lasting(nell: User) -> None:
    client = browser()
    sign_in(client, nell)
    cookie = client.cookies[settings.FAMILIAR_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert int(cookie["max-age"]) >= 365 * 24 * 60 * 60
    assert str(nell.pk) not in cookie.value
    name, *marks = cookie.value.split(".")
    for forged in (name, f"{name}.{'0' * 24}", f"{'x' * 22}.{marks[0]}.{marks[1]}", "ü", "\x00", "x" * 9000):
        other = browser("Safari on iOS")
        other.cookies[settings.FAMILIAR_COOKIE_NAME] = forged
        before = len(letters())
        sign_in(other, nell)
        assert len(letters()) == before + 1, forged


def test_a_browser_known_to_one_account_is_new_to_another(nell: User) -> None:
    bert = User.objects.create_user("bert@example.org", PASSWORD, language="en", last_login=timezone.now())
    client = browser()
    for person in (nell, bert):
        sign_in(client, person)
        client.post(reverse("account_logout"))
    assert [message.to for message in mail.outbox] == [[nell.email], [bert.email]]
    assert KnownDevice.objects.values("mark").distinct().count() == 2, "nothing joins the two"


def test_the_first_sign_in_after_signing_up_is_no_news(db: None) -> None:
    client = invite(browser())
    client.post(reverse("account_signup"), typed(email="new@example.org", password1=PASSWORD))
    client.post(reverse("account_email_verification_sent"), {"code": mailed_code()})
    assert letters() == []
    client.post(reverse("account_logout"))
    person = User.objects.get(email="new@example.org")
    sign_in(client, person)
    assert letters() == []
    sign_in(browser("Safari on iOS"), person)
    assert len(letters()) == 1


def test_opening_the_link_changes_nothing_and_its_button_signs_that_browser_out(nell: User) -> None:
    stranger, own = browser("Edge on Windows"), browser()
    sign_in(own, nell)
    sign_in(stranger, nell)
    reader = Client(headers={"accept-language": "en"})
    page = reader.get(link())
    assert "Edge on Windows" in page.content.decode()
    assert page["Referrer-Policy"] == "no-referrer"
    assert is_signed_in(stranger), "programs that look for harm in mails open links, too"
    for _twice in range(2):
        answer = reader.post(link(), follow=True)
        assert "That browser is signed out" in answer.content.decode()
        assert reverse("account_reset_password") in answer.content.decode()
    assert not is_signed_in(stranger)
    assert is_signed_in(own)
    sign_in(stranger, nell)
    assert len(letters()) == 3, "it counts as new again"


def test_the_link_holds_when_the_stranger_gets_another_session_key(nell: User) -> None:
    stranger = browser()
    sign_in(stranger, nell)
    old = stranger.session.session_key
    stranger.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": "ein ganz anderer Satz"})
    assert stranger.session.session_key != old
    assert is_signed_in(stranger)
    Client().post(link())
    assert not is_signed_in(stranger)


def test_a_forged_link_is_no_link(nell: User) -> None:
    sign_in(browser(), nell)
    number = Session.objects.get(account=nell).get_decoded()["device"]["number"]
    good, words = link(), f"{nell.pk.hex}.{number}"
    assert opened("end session", ticket("end session", words)) == words
    for forged in (
        ticket("undo address", words),
        ticket("end session", "no-account.x"),
        ticket("end session", ""),
        f"{words}.",
        "9" * 30,
        "\x00",
        good.split("/")[3][:-1],
    ):
        answer = Client(headers={"accept-language": "en"}).post(reverse("end_unknown_device", args=[forged]))
        assert answer.status_code == 404, forged
        assert "This link does not work" in answer.content.decode()
    assert Session.objects.filter(account=nell).exists()


def test_a_dead_mail_server_keeps_nobody_out_and_the_log_names_nobody(
    nell: User, caplog: pytest.LogCaptureFixture
) -> None:
    client = browser()
    with patch.object(EmailBackend, "send_messages", side_effect=SMTPException(nell.email)):
        sign_in(client, nell)
    assert is_signed_in(client)
    assert "SMTPException" in caplog.text
    assert nell.email not in caplog.text


def test_what_a_browser_says_of_itself_puts_nothing_into_a_letter(nell: User) -> None:
    for said in ("evil.example/win\r\nBcc: all@example.org", "https://evil.example Bot/1.0", "<b>x</b>" * 99):
        sign_in(Client(headers={"user-agent": said}), nell)
        whole = str(newest_mail().message())
        assert "Bcc" not in whole
        assert "evil.example" not in whole
        assert newest_mail().subject == SUBJECT


def test_all_others_are_forgotten_when_they_are_signed_out(nell: User) -> None:
    here, there = browser(), browser("Safari on iOS")
    sign_in(there, nell)
    there.post(reverse("account_logout"))
    sign_in(here, nell)
    here.post(reverse("end_other_devices"))
    before = len(letters())
    sign_in(there, nell)
    assert len(letters()) == before + 1
    here.post(reverse("account_logout"))
    sign_in(here, nell)
    assert len(letters()) == before + 1, "this one stays known"


def test_one_who_signs_in_again_and_again_fills_no_mailbox(nell: User) -> None:
    for number in range(13):
        sign_in(browser(address=f"203.0.{number}.9"), nell)
    assert len(letters()) == 10
