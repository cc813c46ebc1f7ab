"""Leaving quickly: a blank page at once, in all tabs, and none of it on the way back."""

import re

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from communities.models import Membership, Room
from tests.browser.conftest import Visit

pytestmark = pytest.mark.django_db(transaction=True)

BLANK = "about:blank"


def see_nothing(page: Page) -> None:
    page.wait_for_url(BLANK)
    assert page.locator("body").inner_text().strip() == ""


def test_the_door_leads_out_of_all_tabs_and_back_shows_nothing(visit: Visit, mel: Membership, hall: Room) -> None:
    today = mel.community.get_absolute_url()
    page = visit(today, mel)
    other = page.context.new_page()
    other.goto(hall.get_absolute_url())
    page.goto(hall.get_absolute_url())
    page.locator("#composer-text").fill("half a sentence")
    page.get_by_role("link", name="Leave quickly").click()
    see_nothing(page)
    see_nothing(other)
    page.go_back(wait_until="commit")
    see_nothing(page)
    page.goto(hall.get_absolute_url())
    expect(page.locator("#composer-text")).to_have_value("half a sentence")
    expect(page.get_by_role("heading", name="Hall").first).to_be_visible()


def test_shift_three_times_leaves_even_while_writing(visit: Visit, mel: Membership, hall: Room) -> None:
    page = visit(hall.get_absolute_url(), mel)
    page.locator("#composer-text").focus()
    for _ in range(3):
        page.keyboard.press("Shift")
    see_nothing(page)


def test_capitals_do_not_lead_out(visit: Visit, mel: Membership, hall: Room) -> None:
    page = visit(hall.get_absolute_url(), mel)
    page.locator("#composer-text").focus()
    for letter in "ABCD":
        page.keyboard.press(f"Shift+{letter}")
    page.keyboard.press("Shift")
    page.keyboard.press("Shift")
    page.wait_for_timeout(300)
    expect(page.locator("#composer-text")).to_have_value("ABCD")


def test_who_leaves_by_phone_or_from_their_account_finds_the_door_too(visit: Visit, mel: Membership) -> None:
    page = visit("/me/", mel, viewport={"width": 390, "height": 844})
    page.get_by_role("link", name="Leave quickly").click()
    see_nothing(page)


def test_without_scripts_the_door_is_a_link_to_a_page_that_says_nothing(visit: Visit, mel: Membership) -> None:
    page = visit(mel.community.get_absolute_url(), mel, java_script_enabled=False)
    page.get_by_role("link", name="Leave quickly").click()
    page.wait_for_url(re.compile("/leave/$"))
    assert page.title() == "New tab"
    assert settings.SITE_NAME not in page.content()
    assert mel.community.name not in page.content()


def test_a_tab_that_was_elsewhere_does_not_come_back_to_the_group(visit: Visit, mel: Membership, hall: Room) -> None:
    page = visit(hall.get_absolute_url(), mel)
    other = page.context.new_page()
    other.goto(mel.community.get_absolute_url())
    other.goto(BLANK)
    for _ in range(3):
        page.keyboard.press("Shift")
    see_nothing(page)
    other.go_back(wait_until="commit")
    see_nothing(other)


def test_shift_for_other_things_does_not_lead_out(visit: Visit, mel: Membership, hall: Room) -> None:
    page = visit(hall.get_absolute_url(), mel)
    page.locator("#composer-text").focus()
    for _ in range(3):  # scrolling sideways
        page.keyboard.down("Shift")
        page.mouse.wheel(20, 0)
        page.keyboard.up("Shift")
    for _ in range(3):  # held, as for marking
        page.keyboard.down("Shift")
        page.wait_for_timeout(450)
        page.keyboard.up("Shift")
    for _ in range(2):  # both at once
        page.keyboard.down("ShiftLeft")
        page.keyboard.press("ShiftRight")
        page.keyboard.up("ShiftLeft")
    page.wait_for_timeout(200)
    expect(page.locator("#composer-text")).to_be_visible()
