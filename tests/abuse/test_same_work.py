"""Whether there is an account, and what kind, shows neither in headers nor in what the database is asked."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from tests.accounts.doors import PASSWORD, with_app

pytestmark = pytest.mark.django_db


def plain(email: str) -> None:
    User.objects.create_user(email, PASSWORD)


def without_password(email: str) -> None:
    User.objects.create_user(email)


def unproved(email: str) -> None:
    EmailAddress.objects.filter(user=User.objects.create_user(email, PASSWORD)).update(verified=False)


def with_second_factor(email: str) -> None:
    with_app(User.objects.create_user(email, PASSWORD))


def closed(email: str) -> None:
    User.objects.create_user(email, PASSWORD, is_active=False)


KINDS: tuple[Callable[[str], None], ...] = (plain, without_password, unproved, with_second_factor, closed)
#: The way in, and what is typed there.
WAYS = {
    "a wrong password": ("account_login", {"password": "not the right one"}),
    "the password that another kind of account has": ("account_login", {"password": PASSWORD[:-1]}),
    "a code": ("account_login", {"password": "", "way": "code"}),
    "a code on its own page": ("account_request_login_code", {}),
    "a new password": ("account_reset_password", {}),
}
#: Counters of limits, and what is made anew each time.
VOLATILE = {"X-Request-ID", "Content-Length", "Expires", "Set-Cookie"}


def work(way: str, email: str) -> dict[str, Any]:
    cache.clear()
    url, fields = WAYS[way]
    client = Client(headers={"accept-language": "en"})
    client.get(reverse(url))
    with CaptureQueriesContext(connection) as asked:
        answer = client.post(reverse(url), {"login": email, "email": email, **fields})
    fresh = r'(name="(?:csrfmiddlewaretoken|moment)" value="|"challenge": ")[^"]+'
    page = re.sub(fresh, r"\1", answer.content.decode())
    return {
        "status": answer.status_code,
        "headers": {name: value for name, value in answer.headers.items() if name not in VOLATILE},
        "cookies": sorted(answer.cookies),
        "page": page.replace(email, "…").splitlines(),
        "queries": [shape(query["sql"]) for query in asked.captured_queries],
    }


def shape(sql: str) -> str:
    """A statement without its values, and savepoints without their names."""
    bare = re.sub(r"'(?:[^']|'')*'", "?", re.sub(r'"s\d+_x\d+"', "s", sql))
    return re.sub(r"\b\d+\b", "?", bare)


@pytest.mark.parametrize("make", KINDS, ids=lambda make: make.__name__)
@pytest.mark.parametrize("way", WAYS)
def test_the_same_is_done_and_answered(way: str, make: Callable[[str], None]) -> None:
    make("known@example.org")
    known, unknown = work(way, "known@example.org"), work(way, "nobody@example.org")
    assert known == unknown
