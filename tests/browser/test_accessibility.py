"""axe finds nothing on any page, light and dark, at the desk and on the phone, in German and English."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from communities.actions import invite
from communities.models import Community, Membership, Room
from messaging.actions import Draft, delete_message, post_messages
from messaging.models import Message
from tests.browser.conftest import DESK, PHONE, Visit

pytestmark = pytest.mark.django_db(transaction=True)

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
Address = Callable[[dict[str, str]], str]

#: Page → (its address from the scene, whether one is signed in).
PAGES: dict[str, tuple[Address, bool]] = {
    "sign in": (lambda at: "/accounts/login/", False),
    "sign up": (lambda at: "/accounts/signup/", False),
    "reset password": (lambda at: "/accounts/password/reset/", False),
    "invitation": (lambda at: f"/i/{at['token']}/", False),
    "invalid invitation": (lambda at: "/i/wrong/", False),
    "enter invitation": (lambda at: "/i/", False),
    "declined": (lambda at: "/i/declined/", False),
    "not found": (lambda at: "/nowhere/", False),
    "room": (lambda at: f"/c/circle/rooms/{at['hall']}/", True),
    "empty room": (lambda at: f"/c/circle/rooms/{at['porch']}/", True),
    "older messages": (lambda at: f"/c/circle/rooms/{at['hall']}/messages/?before=40", True),
    "edit": (lambda at: f"/c/circle/rooms/{at['hall']}/messages/{at['message']}/edition/", True),
    "delete": (lambda at: f"/c/circle/rooms/{at['hall']}/messages/{at['message']}/deletion/", True),
    "rooms": (lambda at: "/c/circle/rooms/", True),
    "invitations": (lambda at: "/c/circle/invitations/", True),
    "me in the circle": (lambda at: "/c/circle/me/", True),
    "account": (lambda at: "/me/", True),
    "mail addresses": (lambda at: "/accounts/email/", True),
    "sign out": (lambda at: "/accounts/logout/", True),
}


@pytest.fixture
def scene(circle: Community, ada: Membership, mel: Membership, hall: Room, porch: Room) -> dict[str, str]:
    texts = ["Hello", "**bold** and `code`", "> said\n\n- one\n- two", "gone soon", "https://example.org/path"]
    said: list[Message] = []
    for number, text in enumerate(texts):
        outcome = post_messages([Draft((ada, mel)[number % 2], hall, uuid.uuid4(), text)])[0]
        assert isinstance(outcome, Message)
        said.append(outcome)
    delete_message(actor=said[3].author, message=said[3])
    token = invite(community=circle, inviter=ada, label="Nia", note="Come in.")[1]
    return {"hall": str(hall.pk), "porch": str(porch.pk), "token": token, "message": str(said[0].pk)}


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["de", "en"])
def test_no_page_has_a_violation(
    visit: Visit, ada: Membership, scene: dict[str, str], theme: Any, size: dict[str, int], language: str
) -> None:
    assert ada.user is not None
    ada.user.language = language
    ada.user.save()
    options = {"color_scheme": theme, "viewport": size, "locale": language}
    open_doors = visit("/accounts/login/", **options)
    signed_in = visit("/c/circle/rooms/", ada, **options)
    found = []
    for name, (address, is_inside) in PAGES.items():
        page = signed_in if is_inside else open_doors
        page.goto(address(scene))
        page.wait_for_timeout(150)
        assert page.locator("html").get_attribute("lang") == language, name
        results = Axe().run(page, options={"runOnly": RULES})
        if results.violations_count:
            found.append(f"{name}: {results.generate_report()}")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{name}: wider than the window")
    assert found == []
