"""A cookie holds whatever somebody wrote into it: such a visitor is a visitor, and gets pages."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from realtime.sessions import person_behind
from tests.realtime.talking import page_at
from tests.servers import Server

#: As a browser sends them. The first is unquoted into a NUL, over which PostgreSQL raises.
NO_KEYS = [
    '"\\000aaaaaaaaaa"',
    "aaaa/../aaaaaaaa",
    "a" * 41,
    "a" * 5000,
    "ü" * 32,
    '"' + "\\377" * 32 + '"',
    "short",
    "",
]


@pytest.mark.parametrize("cookie", NO_KEYS)
@pytest.mark.parametrize("name", ["account_login", "account", "home", "enter_invitation", "language"])
@pytest.mark.django_db
def test_a_session_key_that_cannot_be_one_is_none(name: str, cookie: str) -> None:
    header = f"{settings.SESSION_COOKIE_NAME}={cookie}"
    url = reverse(name)
    method = "post" if name == "language" else "get"
    plain = getattr(Client(), method)(url)
    assert getattr(Client(), method)(url, headers={"cookie": header}).status_code == plain.status_code


@pytest.mark.django_db
def test_a_page_not_found_with_such_a_cookie_is_not_found() -> None:
    header = f"{settings.SESSION_COOKIE_NAME}={NO_KEYS[0]}"
    assert Client().get("/nothing/", headers={"cookie": header}).status_code == 404


@pytest.mark.parametrize("key", ["\x00aaaaaaaaaa", "a" * 41, "ü" * 32, "", "aaaa aaaa"])
@pytest.mark.django_db
def test_nobody_stands_behind_such_a_key_on_the_socket_either(key: str) -> None:
    assert person_behind(key, "en") is None


@pytest.mark.django_db
def test_a_key_of_ours_is_known_on_both_ways(nell: User) -> None:
    client = Client()
    client.force_login(nell)
    assert client.get(reverse("account")).status_code == 200
    person = person_behind(client.session.session_key or "", "en")
    assert person is not None
    assert person.user_id == str(nell.pk)


@pytest.mark.django_db(transaction=True)
async def test_a_socket_with_such_a_cookie_is_told_that_nobody_is_signed_in(server: Server) -> None:
    async with page_at(server, NO_KEYS[0]) as page:
        assert await page.closed() == 4401
