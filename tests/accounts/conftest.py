"""What the tests of accounts share: a browser without a person, one with an invitation, a person."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from tests.accounts.doors import PASSWORD, invite
from tests.realtime.conftest import pytest_pyfunc_call  # noqa: F401  # coroutines run here, too


@pytest.fixture(autouse=True)
def forget_limits() -> Iterator[None]:
    """Limits on signing in are counted in the cache, which outlives a test."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def guest() -> Client:
    """A browser that speaks English and has opened nothing yet."""
    return Client(headers={"accept-language": "en"})


@pytest.fixture
def invited(db: None, guest: Client) -> Client:
    """A browser in which somebody accepted an invitation."""
    return invite(guest)


@pytest.fixture
def nell(db: None) -> User:
    return User.objects.create_user("nell@example.org", PASSWORD, language="en")
