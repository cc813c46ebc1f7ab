"""What the tests of accounts share: a browser without a person, one with an invitation, a person."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

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


Commits = Callable[[], AbstractContextManager[object]]


@pytest.fixture
def commits(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Commits:
    """`with commits(): …` does what follows a commit, too: letters are sent then."""
    return lambda: django_capture_on_commit_callbacks(execute=True)
