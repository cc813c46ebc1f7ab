"""The people of a group: sifted while one types, found without the marks above letters, lit when they are here."""

import pytest
from playwright.sync_api import expect

from communities.models import Community, Membership
from tests import factories
from tests.browser.conftest import Visit

pytestmark = pytest.mark.django_db(transaction=True)


def test_people_are_sifted_and_all_come_back(visit: Visit, circle: Community, ada: Membership, mel: Membership) -> None:
    factories.member(circle, "Antje Böhme")
    people = f"{circle.get_absolute_url()}people/"
    page = visit(f"{people}?q=bohme", mel)
    rows = page.locator("#people-list > li:visible")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Antje Böhme")
    field = page.get_by_role("searchbox")
    field.fill("")
    expect(rows).to_have_count(3)
    field.fill("bohm")
    field.press("Enter")
    expect(rows).to_have_count(1)
    field.fill("nobody like that")
    expect(page.get_by_text("Nobody here fits that.")).to_be_visible()
    expect(page.locator("#people-list")).to_be_hidden()


def test_without_script_there_is_a_way_back_to_everyone(visit: Visit, circle: Community, mel: Membership) -> None:
    page = visit(f"{circle.get_absolute_url()}people/?q=nobody", mel, java_script_enabled=False)
    page.get_by_role("link", name="Show everyone").click()
    expect(page.locator("#people-list > li:visible")).to_have_count(1)


def test_who_is_here_has_a_lamp_in_the_circle(
    visit: Visit, circle: Community, ada: Membership, mel: Membership
) -> None:
    Membership.objects.update(shows_presence=True)
    people = f"{circle.get_absolute_url()}people/"
    other = visit(people, ada)
    expect(other.locator(".here:visible")).to_be_visible(timeout=20_000)
    page = visit(people, mel)
    expect(page.locator(".circle-big .avatar[data-here]").first).to_be_visible()


def test_a_large_group_sits_as_dots(visit: Visit, circle: Community, mel: Membership) -> None:
    for number in range(55):
        factories.member(circle, f"Person {number}")
    page = visit(f"{circle.get_absolute_url()}people/", mel)
    expect(page.locator(".circle-big .dot")).to_have_count(56)
    assert page.locator(".circle-big .avatar").count() == 0
