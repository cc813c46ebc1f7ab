"""The whole way in browsers without JavaScript: invited, signed up, joined, talking, changing, leaving."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from communities.actions import invite, revoke_invitation
from communities.models import Community, Invitation, Membership, Room
from messaging.models import ReadMark
from tests.browser.conftest import PHONE, Visit, mailed_code

pytestmark = pytest.mark.django_db(transaction=True)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def invited(owner: Page) -> str:
    """The owner makes an invitation and reads its link off the page: there is no copying without script."""
    owner.locator("[name=label]").fill("Nia from next door")
    owner.locator("[name=note]").fill("There is a seat for you.")
    press(owner, "Make the invitation")
    expect(owner.locator("#new-link")).to_be_visible()
    # Only a button that works is there.
    expect(owner.locator("[data-copy]:visible")).to_have_count(0)
    link = owner.locator("#new-link").evaluate("field => field.value ?? field.textContent")
    owner.reload()
    expect(owner.locator("#new-link")).to_have_count(0)
    return str(link).strip()


def write(page: Page, text: str) -> None:
    page.locator("#composer-text").fill(text)
    press(page, "Send")
    expect(page).to_have_url(re.compile(r"#message-[0-9a-f-]{36}$"))
    expect(page.locator(".msg[data-mine]").last).to_contain_text(text)


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_invited_joined_talking_and_gone_without_script(
    visit: Visit, ada: Membership, hall: Room, porch: Room, phone: bool
) -> None:
    options: dict[str, Any] = {"java_script_enabled": False}
    options |= {"viewport": PHONE, "is_mobile": True, "has_touch": True} if phone else {}
    owner = visit("/c/circle/invitations/", ada, **options)
    link = invited(owner)

    guest = visit(link, **options)
    expect(guest.locator("main")).to_contain_text("There is a seat for you.")
    assert Invitation.objects.get().uses == 0
    guest.get_by_role("checkbox").check()
    press(guest, "Join")
    address = f"nia.{uuid.uuid4().hex[:8]}@example.org"
    guest.locator("input[type=email]").fill(address)
    press(guest, "Send the code")
    guest.locator("[name=code]").fill(mailed_code(address))
    press(guest, "Continue")
    guest.locator("[name=display_name]").fill("Nia")
    press(guest, "Join")
    expect(guest).to_have_url(re.compile("/c/circle/$"))
    guest.locator("main").get_by_role("link", name="Hall").click()
    expect(guest).to_have_url(re.compile(f"/rooms/{hall.pk}/"))
    assert Invitation.objects.get().uses == 1
    nia = Membership.objects.get(display_name="Nia")

    write(guest, "Hello, here I am")
    owner.goto("/c/circle/rooms/")
    # The room has news, and its own line says so.
    news = owner.get_by_role("listitem").filter(has_text="Hall").filter(has_text="new")
    news.locator("visible=true").first.get_by_role("link", name="Hall").click()
    expect(owner.locator("#unread")).to_be_visible()
    expect(owner.locator(".msg")).to_contain_text(["Hello, here I am"])
    assert not owner.locator(".msg").first.locator("[data-edit]").is_visible()
    press(owner, "Mark as read")
    expect(owner.locator("#unread")).to_have_count(0)
    assert ReadMark.objects.get(membership=ada, room=hall).last_sequence == 1
    write(owner, "Welcome, Nia")

    guest.get_by_role("link", name="Look for news").click()
    expect(guest.locator("#log")).to_contain_text("Welcome, Nia")

    mine = guest.locator(".msg[data-mine]")
    if phone:
        mine.locator(".msg-text").click()
    else:
        mine.hover()
    mine.locator("[data-edit]").click()
    guest.locator("textarea").fill("Hello, here **we** are")
    press(guest, "Save")
    expect(guest.locator(".msg[data-mine] strong")).to_have_text("we")
    expect(guest.locator(".msg[data-mine] .edited-mark")).to_be_visible()
    owner.reload()
    expect(owner.locator("#log")).to_contain_text("here we are")
    if not phone:
        guest.locator(".msg[data-mine]").hover()
    guest.locator(".msg[data-mine] [data-delete]").click()
    expect(guest.locator("blockquote")).to_contain_text("here we are")
    press(guest, "Delete")
    expect(guest.locator(".msg[data-deleted]")).to_be_visible()
    owner.reload()
    expect(owner.locator("#log")).not_to_contain_text("here we are")

    if phone:
        guest.get_by_role("link", name="Back to the rooms").click()
    guest.locator("[popovertarget=group-menu]:visible").first.click()
    guest.locator("#group-menu").get_by_role("link", name="Your account").click()
    press(guest, "Deutsch")
    expect(guest.locator("html")).to_have_attribute("lang", "de")
    expect(guest.locator("h1")).to_have_text("Dein Konto")
    assert nia.user is not None
    assert User.objects.get(pk=nia.user.pk).language == "de"
    press(guest, "Abmelden")
    expect(guest).to_have_url(re.compile("/accounts/login/$"))
    guest.goto(hall.get_absolute_url())
    expect(guest).to_have_url(re.compile("/accounts/login/"))
    expect(guest.locator("body")).not_to_contain_text("Welcome, Nia")


def seen(page: Page) -> tuple[str, str, str]:
    """What a person sees, what the page is made of but for its address, and its title."""
    path = re.escape(re.sub(r"^https?://[^/]+", "", page.url))
    return page.locator("body").inner_text(), re.sub(path, "", page.content()), page.title()


MOMENT = {"date", "expires", "set-cookie", "x-request-id"}


def alike(headers: dict[str, str]) -> dict[str, str]:
    """Headers without what is of the moment; the policy's parts come in any order."""
    policy = "; ".join(sorted(headers["content-security-policy"].split("; ")))
    return {name: value for name, value in headers.items() if name not in MOMENT} | {"content-security-policy": policy}


def test_invitations_that_do_not_work_are_one_page(visit: Visit, circle: Community, ada: Membership) -> None:
    tokens = {name: invite(community=circle, inviter=ada, note=name) for name in ("expired", "revoked", "used up")}
    Invitation.objects.filter(pk=tokens["expired"][0].pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert revoke_invitation(actor=ada, invitation=tokens["revoked"][0])
    Invitation.objects.filter(pk=tokens["used up"][0].pk).update(uses=1)
    works = invite(community=circle, inviter=ada)[1]
    wrong = works[:-1] + ("a" if works[-1] != "a" else "b")

    page = visit(f"/i/{works}/", java_script_enabled=False)
    assert circle.name in seen(page)[0], "one that works is another page"
    answers, pages = set(), {}
    for name, token in {**{name: made[1] for name, made in tokens.items()}, "wrong": wrong}.items():
        answer = page.goto(f"/i/{token}/")
        assert answer is not None
        answers.add((answer.status, tuple(sorted(alike(answer.headers).items()))))
        pages[name] = seen(page)
    assert len(answers) == 1, answers
    assert len(set(pages.values())) == 1, pages
    text = pages["wrong"][0]
    assert "does not work" in text
    assert not {circle.name, ada.display_name} & set(text.split())
