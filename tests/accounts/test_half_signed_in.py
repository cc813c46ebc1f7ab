"""Between the first step of signing in and the last nothing is open: every address of the site is asked."""

import os
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.sessions import SessionStore
from communities.models import Membership
from tests.access.test_matrix import MATRIX, Scene, row_id, scene, url_of  # noqa: F401
from tests.accounts.doors import PASSWORD, invite, with_app, with_codes, with_passkey

Half = Callable[[User], Client]
SECOND, CONFIRM = "mfa_authenticate", "account_email_verification_sent"
#: What leads back to the step that is waited for, where a visitor is shown a page of the door.
LED_BACK = {"account_login", "account_request_login_code", "account_signup"}
#: What is for everybody, and the steps themselves.
OF_THE_DOOR = LED_BACK | {SECOND, CONFIRM, "account_confirm_login_code", "account_other_address"}


def pending_factor(user: User) -> Client:
    """The password was right, the second step is waited for."""
    user.set_password(PASSWORD)
    user.save()
    with_app(user)
    with_codes(user)
    with_passkey(user)
    client = Client(headers={"accept-language": "en"})
    answer = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert answer["Location"] == reverse(SECOND)
    return client


def unverified_address(user: User) -> Client:
    """Signed up, and the code is waited for: here of an account whose address is not proved."""
    user.set_password(PASSWORD)
    user.save()
    user.emailaddress_set.update(verified=False)  # type: ignore[attr-defined]
    client = Client(headers={"accept-language": "en"})
    answer = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert answer["Location"] == reverse(CONFIRM)
    return client


def again(data: dict[str, object]) -> Client:
    """A browser in the very same state: what was asked before may have ended the session."""
    client = Client(REMOTE_ADDR=f"10.{'.'.join(str(part) for part in os.urandom(3))}")
    session = SessionStore()
    session.update(data)
    session.save()
    client.cookies["sessionid"] = session.session_key or ""
    return client


@pytest.mark.parametrize("half", [pending_factor, unverified_address])
@pytest.mark.django_db
def test_half_signed_in_one_is_nobody(scene: Scene, ada: Membership, half: Half) -> None:  # noqa: F811
    """Each address answers a half-signed-in owner as it does a visitor, and changes nothing of theirs."""
    assert ada.user is not None
    data = dict(half(ada.user).session)
    factors = Authenticator.objects.count()
    asked = set()
    for row in MATRIX:
        name, _arguments, method, form, expected = row
        if name in OF_THE_DOOR:
            continue
        client, visitor = again(data), scene.client("nobody")
        answer = getattr(client, method)(url_of(scene, row), form)
        usual = getattr(visitor, method)(url_of(scene, row), form)
        assert "_auth_user_id" not in client.session, row_id(row)
        assert answer.status_code == usual.status_code == expected["nobody"], row_id(row)
        assert answer.get("Location") == usual.get("Location"), row_id(row)
        asked.add(name)
    assert {"community", "room", "messages", "account", "mfa_index", "mfa_deactivate_totp"} <= asked
    assert Authenticator.objects.count() == factors


@pytest.mark.parametrize("half", [pending_factor, unverified_address])
@pytest.mark.parametrize("name", sorted(LED_BACK))
def test_the_door_leads_back_to_the_step(db: None, nell: User, half: Half, name: str) -> None:
    client: Client = half(nell)
    if name == "account_signup":
        invite(client)
    answer = client.get(reverse(name))
    assert answer.status_code in {200, 302}
    assert client.get(reverse("account")).status_code == 302
