"""Passkeys in a real browser, with the authenticator that Chromium can play."""

import json
import re
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import CDPSession, Page, expect

from accounts.models import User
from communities.models import Membership
from tests import factories
from tests.accounts.doors import PASSWORD
from tests.browser.conftest import Visit, mailed_code
from tests.servers import Server

pytestmark = pytest.mark.django_db(transaction=True)
KEY = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}


def plug_in(page: Page, **unlike: object) -> tuple[CDPSession, str]:
    """Gives the browser an authenticator whose owner says yes at once."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = KEY | {"isUserVerified": True, "automaticPresenceSimulation": True} | unlike
    added = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, str(added["authenticatorId"])


def by_name(server: Server, path: str) -> str:
    """Passkeys belong to a name, not to 127.0.0.1."""
    return server.url.replace("127.0.0.1", "localhost") + path


def send_code(page: Page, address: str) -> None:
    page.locator("input[name=login]").fill(address)
    page.get_by_role("button", name="Send the code", exact=True).click()
    page.locator("input[name=code]").fill(mailed_code(address))
    with page.expect_navigation():
        page.get_by_role("button", name="Continue", exact=True).click()


@pytest.fixture
def nia(db: None) -> User:
    return User.objects.create_user(f"nia.{uuid.uuid4().hex[:8]}@example.org", language="en")


def test_a_passkey_is_made_signs_in_and_is_the_second_step(visit: Visit, server: Server, nia: User) -> None:
    page = visit(by_name(server, "/accounts/login/"))
    session, _key = plug_in(page)
    send_code(page, nia.email)
    page.goto(by_name(server, "/me/security/"))
    page.get_by_role("link", name="Add a passkey").click()
    page.locator("[name=name]").fill("My laptop")
    page.get_by_role("button", name="Add a passkey").click()

    # The first factor leads to the codes.
    expect(page).to_have_url(re.compile("/me/security/codes/$"))
    assert page.locator(".codes li").count() == 10
    code = page.locator(".codes li").first.inner_text()
    page.get_by_role("button", name="I have printed them").click()
    expect(page.locator("main")).to_contain_text("10 of 10 left")
    expect(page.locator(".person").filter(has_text="My laptop")).to_contain_text("this device")

    # By itself it opens the door.
    page.goto(by_name(server, "/accounts/logout/"))
    page.locator("main form button[type=submit]").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(re.compile("localhost:\\d+/$"))
    page.goto(by_name(server, "/me/security/"))
    expect(page.locator(".person").filter(has_text="My laptop")).to_contain_text("last used")

    # After a mailed code it is asked for, and nothing is open before.
    page.goto(by_name(server, "/accounts/logout/"))
    page.locator("main form button[type=submit]").click()
    send_code(page, nia.email)
    expect(page).to_have_url(re.compile("/accounts/second-factor/$"))
    page.goto(by_name(server, "/me/"))
    expect(page).to_have_url(re.compile("/accounts/second-factor/$"))
    page.get_by_role("button", name="Use your passkey").click()
    expect(page).to_have_url(re.compile("/me/$|localhost:\\d+/$"))

    # Without the device a recovery code does it.
    page.goto(by_name(server, "/accounts/logout/"))
    page.locator("main form button[type=submit]").click()
    session.send("WebAuthn.disable")
    send_code(page, nia.email)
    page.locator("summary").click()
    page.locator("[name=recovery_code]").fill(code)
    page.locator("details button[type=submit]").click()
    expect(page.locator("main")).to_contain_text("nine recovery codes left")
    assert Authenticator.objects.get(type="webauthn").last_used_at is not None


def test_what_goes_wrong_is_said_beside_the_button(visit: Visit, server: Server, nia: User) -> None:
    page = visit(by_name(server, "/accounts/login/"), locale="de")
    session, key = plug_in(page)
    button = page.get_by_role("button", name="Mit Passkey anmelden")
    session.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    button.click()
    expect(page.locator(".passkey-way [data-error]")).to_contain_text("Es ist nichts passiert")
    expect(button).not_to_have_attribute("aria-busy", "true")


def test_a_forged_answer_opens_nothing(visit: Visit, server: Server, nia: User) -> None:
    """Answers to another question, sent twice, for another person, with other bytes."""
    page = visit(by_name(server, "/accounts/login/"))
    plug_in(page)
    send_code(page, nia.email)
    page.goto(by_name(server, "/me/security/passkeys/new/"))
    page.get_by_role("button", name="Add a passkey").click()
    expect(page).to_have_url(re.compile("/me/security/codes/$"))
    olga = factories.account("olga.keys")
    page.context.clear_cookies()

    def answer(change: Callable[[dict[str, Any]], object] = lambda given: None) -> dict[str, Any]:
        """What the browser says to the door, held back before it is sent."""
        page.goto(by_name(server, "/accounts/login/"))
        page.evaluate("document.querySelector('form[data-passkey]').submit = () => {}")
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.wait_for_function("document.querySelector('form[data-passkey]').elements.credential.value")
        given: dict[str, Any] = json.loads(page.locator("form[data-passkey] [name=credential]").input_value())
        change(given)
        return given

    def send(given: object) -> str:
        page.locator("form[data-passkey] [name=credential]").evaluate(
            "(field, value) => field.value = value", given if isinstance(given, str) else json.dumps(given)
        )
        with page.expect_navigation():
            page.evaluate("HTMLFormElement.prototype.submit.call(document.querySelector('form[data-passkey]'))")
        return page.url

    def response(name: str, value: object) -> Callable[[dict[str, Any]], object]:
        return lambda given: given["response"].__setitem__(name, value)

    old = answer()
    forgeries = [
        response("signature", old["response"]["signature"]),
        response("signature", "AAAA"),
        response("userHandle", _text(olga.pk.bytes)),
        response("userHandle", None),
        response("userHandle", "AA"),
        response("clientDataJSON", old["response"]["clientDataJSON"]),
        response("authenticatorData", "AAAA"),
        lambda given: given.__setitem__("response", []),
    ]
    for number, forge in enumerate(forgeries):
        assert "/accounts/login/" in send(answer(forge)), number
    right = answer()
    assert "/accounts/login/" not in send(right)
    page.context.clear_cookies()
    answer()
    assert "/accounts/login/" in send(right), "a second time"


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def test_a_key_that_keeps_nothing_is_the_second_step_only(visit: Visit, server: Server, nia: User) -> None:
    """And before something dangerous it shows who somebody is."""
    nia.set_password(PASSWORD)
    nia.save()
    page = visit(by_name(server, "/accounts/login/"))
    plug_in(page, transport="usb", hasResidentKey=False, hasUserVerification=False)
    send_code(page, nia.email)
    page.goto(by_name(server, "/me/security/passkeys/new/"))
    page.get_by_role("button", name="Add a passkey").click()
    expect(page).to_have_url(re.compile("/me/security/codes/$"))
    expect(page.locator("main")).to_contain_text("is asked for as the second step")
    page.goto(by_name(server, "/me/security/"))
    expect(page.locator(".person").first).to_contain_text("second step only")
    expect(page.locator(".person").first).not_to_contain_text("this device")
    page.goto(by_name(server, "/accounts/reauthenticate/?next=/me/security/app/"))
    page.get_by_role("button", name="Use your passkey").click()
    # Not the page that asks, whose address ends alike; and the way there is over.
    expect(page).to_have_url(by_name(server, "/me/security/app/"))
    page.wait_for_load_state()

    # The same key once more: the browser itself says that it is known.
    page.goto(by_name(server, "/me/security/passkeys/new/"))
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.locator(".passkey-way [data-error]")).to_contain_text("on this device already")


def test_without_passkeys_and_without_script_the_other_ways_work(visit: Visit, server: Server, mel: Membership) -> None:
    page = visit(by_name(server, "/accounts/login/"), java_script_enabled=False)
    expect(page.get_by_role("button", name="Send the code", exact=True)).to_be_visible()
    expect(page.locator(".passkey-way").first).to_be_hidden()
