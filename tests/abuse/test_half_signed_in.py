"""Who is half signed in, or no longer, gets at every address what a stranger gets."""

from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import SESSION_KEY
from django.core.cache import cache
from django.test import Client

from accounts.actions import end_session
from accounts.models import User
from tests.abuse.everywhere import doors, undone
from tests.access.test_matrix import Scene
from tests.accounts.doors import PASSWORD, typed, with_app

pytestmark = pytest.mark.django_db

#: What belongs to the state itself: proving the address, giving the second factor, beginning anew.
STEPS = (
    "account_email_verification_sent",
    "account_confirm_login_code",
    "account_other_address",
    "account_login",
    "account_request_login_code",
    "account_signup",
    "account_reauthenticate",
    "account_confirm_reauthentication_code",
    "mfa_",
    "account_logout",
    # Says what happened in the session, to whoever has it.
    "declined",
)


def unverified(scene: Scene, ada: User) -> Client:
    """Signed up with a password and stopped at the code; the address is that of a new account."""
    client = Client()
    session = client.session
    session["may_sign_up"] = True
    session.save()
    page = client.post("/accounts/signup/", typed(email="half@example.org", password1=PASSWORD))
    assert page.status_code == 302, page.content
    return client


def unproven(scene: Scene, ada: User) -> Client:
    """The right password of an account whose address was never proved."""
    EmailAddress.objects.filter(user=ada).update(verified=False)
    client = Client()
    client.post("/accounts/login/", {"login": ada.email, "password": PASSWORD})
    return client


def without_second_factor(scene: Scene, ada: User) -> Client:
    with_app(ada)
    client = Client()
    answer = client.post("/accounts/login/", {"login": ada.email, "password": PASSWORD})
    assert answer.status_code == 302
    assert SESSION_KEY not in client.session, "the second factor is asked for"
    return client


def signed_out_elsewhere(scene: Scene, ada: User) -> Client:
    client = scene.client("ada")
    assert client.session[SESSION_KEY]
    assert end_session(user=ada, session_key=client.session.session_key or "")
    return client


def with_another_password_since(scene: Scene, ada: User) -> Client:
    client = scene.client("ada")
    ada.set_password("five other quiet words")
    ada.save()
    return client


def closed(scene: Scene, ada: User) -> Client:
    client = scene.client("ada")
    User.objects.filter(pk=ada.pk).update(is_active=False)
    return client


def closed_before(scene: Scene, ada: User) -> Client:
    User.objects.filter(pk=ada.pk).update(is_active=False)
    client = Client()
    client.post("/accounts/login/", {"login": ada.email, "password": PASSWORD})
    return client


STATES = (
    unverified,
    unproven,
    without_second_factor,
    signed_out_elsewhere,
    with_another_password_since,
    closed,
    closed_before,
)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_nobody_gets_further_than_a_stranger(scene: Scene, state: Callable[[Scene, User], Client]) -> None:
    cache.clear()
    ada = scene.people["ada"]
    assert ada is not None
    ada.set_password(PASSWORD)
    ada.is_operator = True
    ada.save()
    EmailAddress.objects.update_or_create(user=ada, email=ada.email, defaults={"verified": True, "primary": True})
    half = state(scene, ada)
    further = []
    for door in doors(scene, "get", "post"):
        if door.name.startswith(STEPS):
            continue
        answers = []
        for client in (Client(), half):
            client.cookies.pop("notices", None)
            with undone():
                cache.clear()
                answer = door.ask(client)
            answers.append((answer.status_code, answer.get("Location", "")))
        if answers[0] != answers[1]:
            further.append((str(door), *answers))
    assert further == []
    # The same person is known at once where nothing is missing.
    assert scene.client("olga").get("/me/").status_code == 200
