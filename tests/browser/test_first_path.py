"""The first whole path: invited, signed up, joined, talking."""

import re

import pytest
from playwright.sync_api import Page, expect

from communities.models import Invitation, Membership, Room
from tests.browser.conftest import PHONE, Visit, mailed_code

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = {
    "en": {"agree": "agree", "join": "Join", "send": "Send", "code": "Send the code", "next": "Continue"},
    "de": {"agree": "einverstanden", "join": "Beitreten", "send": "Senden", "code": "Code schicken", "next": "Weiter"},
}


def say(page: Page, text: str) -> None:
    field = page.locator("#composer-text")
    field.fill(text)
    field.press("Enter") if not page.evaluate("matchMedia('(pointer: coarse)').matches") else page.locator(
        ".composer .send"
    ).click()


def hears(page: Page, text: str) -> None:
    expect(page.locator("#log .msg[data-sequence]").filter(has_text=text)).to_be_visible()


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_a_person_is_invited_signs_up_joins_and_talks(
    visit: Visit, ada: Membership, hall: Room, language: str, phone: bool
) -> None:
    words = WORDS[language]
    moving = {"locale": language, "reduced_motion": "no-preference"}
    options = moving | ({"viewport": PHONE, "is_mobile": True, "has_touch": True} if phone else {})
    owner = visit(f"/c/{ada.community.slug}/invitations/", ada)
    owner.locator("[name=label]").fill("Nia from next door")
    owner.locator("[name=note]").fill("There is a seat for you.")
    owner.locator("main form button[type=submit]").last.click()
    link = _link(owner)

    guest = visit(link, **options)
    expect(guest.locator("main")).to_contain_text("There is a seat for you.")
    expect(guest.locator("main")).to_contain_text("Be kind")
    assert Invitation.objects.get().uses == 0
    guest.locator("input[type=checkbox]").check()
    guest.get_by_role("button", name=words["join"], exact=True).click()
    guest.locator("input[type=email]").fill(f"nia.{language}.{phone}@example.org".lower())
    guest.get_by_role("button", name=words["code"], exact=True).click()
    guest.locator("input[name=code]").fill(mailed_code(f"nia.{language}.{phone}@example.org".lower()))
    guest.get_by_role("button", name=words["next"], exact=True).click()
    guest.locator("[name=display_name]").fill("Nia")
    guest.get_by_role("button", name=words["join"], exact=True).click()
    expect(guest).to_have_url(re.compile("/c/circle/$"))
    guest.locator("main").get_by_role("link", name="Hall").click()
    expect(guest).to_have_url(re.compile(f"/rooms/{hall.pk}/"))
    assert Invitation.objects.get().uses == 1

    owner.goto(hall.get_absolute_url())
    expect(owner.locator("[data-live]")).to_be_visible()
    say(guest, "Hello, here **I** am")
    hears(owner, "Hello, here I am")
    say(owner, "Welcome, Nia")
    hears(guest, "Welcome, Nia")
    expect(guest.locator("[data-pending]")).to_have_count(0)
    assert guest.evaluate("document.documentElement.scrollWidth <= innerWidth")


def _link(page: Page) -> str:
    found = re.fullmatch(r"https?://[^/]+(/i/[\w-]+/)", page.locator("#new-link").input_value())
    assert found is not None
    return found[1]


def test_someone_with_an_account_signs_in_by_code_and_joins(
    visit: Visit, ada: Membership, mel: Membership, hall: Room, olga: object
) -> None:
    from communities.actions import invite

    _invitation, token = invite(community=ada.community, inviter=ada)
    page = visit(f"/i/{token}/")
    page.locator("input[type=checkbox]").check()
    page.get_by_role("button", name="Join", exact=True).click()
    page.goto("/accounts/login/")
    page.locator("input[type=email]").first.fill("olga@example.org")
    page.get_by_role("button", name="Send the code", exact=True).click()
    page.locator("input[name=code]").fill(mailed_code("olga@example.org"))
    page.get_by_role("button", name="Continue", exact=True).click()
    page.locator("[name=display_name]").fill("Mel")
    page.get_by_role("button", name="Join", exact=True).click()
    expect(page.locator(".error").filter(has_text="looks like it")).to_be_visible()
    expect(page.locator("[name=display_name]")).to_have_value("Mel")
    page.locator("[name=display_name]").fill("Olga")
    page.get_by_role("button", name="Join", exact=True).click()
    expect(page).to_have_url(re.compile("/c/circle/$"))
    expect(page.locator("main").get_by_role("link", name="Hall")).to_be_visible()


def test_spent_and_wrong_links_show_one_identical_page(visit: Visit, ada: Membership) -> None:
    from communities.actions import invite, revoke_invitation

    invitation, token = invite(community=ada.community, inviter=ada)
    revoke_invitation(actor=ada, invitation=invitation)
    pages = [visit(f"/i/{path}/").locator("main").inner_html() for path in (token, "wrong", "x" * 300)]
    assert pages[0] == pages[1] == pages[2]
