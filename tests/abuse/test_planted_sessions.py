"""A key that somebody planted, or saw before signing in, is worth nothing afterwards."""

import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import Session, User
from tests.accounts.doors import PASSWORD, digits, invite, mailed_code, typed, with_app

pytestmark = pytest.mark.django_db


@pytest.fixture
def nell(db: None) -> User:
    cache.clear()
    return User.objects.create_user("nell@example.org", PASSWORD, language="en")


def key_of(client: Client) -> str:
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


def with_a_session() -> Client:
    """Somebody else knows its key: they opened the invitation, or sat here before."""
    client = Client()
    invite(client)
    client.cookies[settings.SESSION_COOKIE_NAME] = client.session.session_key or ""
    return client


def knows_somebody(key: str) -> bool:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    return client.get(reverse("account")).status_code == 200


def sign_in(client: Client, person: User) -> None:
    answer = client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert answer.status_code == 302


def test_a_key_that_somebody_made_up_is_not_adopted(nell: User) -> None:
    client, planted = Client(), "a1" * 16
    client.cookies[settings.SESSION_COOKIE_NAME] = planted
    sign_in(client, nell)
    assert key_of(client) != planted
    assert not Session.objects.filter(pk=planted).exists()
    assert not knows_somebody(planted)
    assert knows_somebody(key_of(client))


def test_the_key_changes_on_signing_in(nell: User) -> None:
    client = with_a_session()
    before = key_of(client)
    sign_in(client, nell)
    assert key_of(client) != before
    assert not Session.objects.filter(pk=before).exists()


def test_the_key_changes_on_signing_in_by_code(nell: User) -> None:
    client = with_a_session()
    before = key_of(client)
    client.post(reverse("account_login"), {"login": nell.email, "password": "", "way": "code"})
    client.post(reverse("account_confirm_login_code"), {"code": mailed_code()})
    assert client.session[SESSION_KEY] == str(nell.pk)
    assert key_of(client) != before
    assert not knows_somebody(before)


def test_the_key_changes_on_signing_up(db: None) -> None:
    cache.clear()
    client = with_a_session()
    before = key_of(client)
    client.post(reverse("account_signup"), typed(email="new@example.org", password1=""))
    client.post(reverse("account_email_verification_sent"), {"code": mailed_code()})
    assert SESSION_KEY in client.session
    assert key_of(client) != before
    assert not knows_somebody(before)


def test_the_key_changes_once_more_with_the_second_factor(nell: User) -> None:
    secret = with_app(nell)
    client = with_a_session()
    sign_in(client, nell)
    assert SESSION_KEY not in client.session
    halfway = key_of(client)
    client.post(reverse("mfa_authenticate"), {"code": digits(secret)})
    assert client.session[SESSION_KEY] == str(nell.pk)
    assert key_of(client) != halfway
    assert not knows_somebody(halfway)


def test_somebody_elses_session_does_not_go_on_in_ones_own(nell: User) -> None:
    """Who signs in where another is still signed in finds nothing of theirs."""
    other = User.objects.create_user("olga@example.org", PASSWORD)
    client = Client()
    sign_in(client, other)
    session = client.session
    session["of_olga"] = "hers"
    session.save()
    client.post(reverse("account_logout"))
    sign_in(client, nell)
    assert "of_olga" not in client.session
