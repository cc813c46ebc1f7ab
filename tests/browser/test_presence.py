"""Who is here and who is writing, as a browser shows it: seen, never announced, and nothing moves."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from communities.actions import choose_presence
from communities.models import Membership, Room
from tests.browser.conftest import PHONE, Visit, elsewhere
from tests.browser.test_first_path import hears, say
from tests.browser.test_listening import RECORD

pytestmark = pytest.mark.django_db(transaction=True)

#: Coming into sight takes up to ten seconds by chance.
SOON = 30_000


def chosen(*members: Membership) -> None:
    Membership.objects.filter(pk__in=[member.pk for member in members]).update(shows_presence=True, shows_typing=True)


def is_announced(page: Page, selector: str) -> bool:
    live = "[aria-live=polite], [aria-live=assertive], [role=status], [role=alert]"
    return bool(page.locator(selector).first.evaluate("(one, live) => Boolean(one.closest(live))", live))


def has_said(page: Page, *expected: bool) -> bool:
    """Wait until the page has sent these words about being here."""
    deadline, signs = (
        time.monotonic() + 20,
        "sent.map(JSON.parse).filter(one => one.type === 'sign').map(one => one.is)",
    )
    while (said := page.evaluate(signs)) != list(expected) and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    return bool(said == list(expected))


def test_the_frame_shows_who_is_here_by_name_and_by_keyboard(
    visit: Visit, ada: Membership, mel: Membership, mo: Membership, hall: Room
) -> None:
    chosen(ada, mel)
    path = hall.get_absolute_url()
    page, other, refusing = visit(path, ada), visit("/c/circle/rooms/", mel), visit(path, mo, viewport=PHONE)
    count = page.locator(".sidenav .here")
    expect(count).to_have_text("2 are here now", timeout=SOON)
    expect(refusing.locator(".topbar .here")).to_have_text("2 are here now", timeout=SOON)
    assert not is_announced(page, ".here")
    count.focus()
    count.press("Enter")
    names = page.locator("#people-here li")
    expect(names).to_have_text([re.compile("Ada.*you"), re.compile("Mel$")])
    expect(page.get_by_role("region", name="Here now").get_by_role("list")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#people-here")).to_be_hidden()
    expect(count).to_be_focused()
    expect(count).to_have_attribute("title", "Who is here")
    count.click()
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.locator("#people-here")).to_be_hidden()
    expect(count).to_be_focused()
    say(other_page := visit(path, mel), "hello")
    hears(page, "hello")
    expect(page.locator(".msg .avatar[data-here]")).to_have_count(1)
    expect(other_page.locator(".msg .avatar[data-here]")).to_have_count(1, timeout=SOON)

    plain = visit(path, mo, java_script_enabled=False)
    expect(plain.locator(".sidenav .here")).to_have_text("2 are here now")
    plain.locator(".sidenav .here").click()
    expect(plain.locator("#people-here li")).to_have_text([re.compile("Ada"), re.compile("Mel")])

    elsewhere(lambda: choose_presence(member=mel, shows_presence=False, shows_typing=False))
    expect(count).to_have_text("Only you are here")
    expect(page.locator(".msg .avatar[data-here]")).to_have_count(0)
    expect(other.locator(".sidenav .here")).to_have_text("One person is here now")
    # Refusing on the page of one's own.
    page.goto("/c/circle/me/")
    page.get_by_label("Others may see when I am here").uncheck()
    other.locator(".sidenav .here").focus()
    page.locator("#presence button").click()
    expect(other.locator(".sidenav .here")).to_be_hidden()
    expect(other.locator("#main")).to_be_focused()


def test_a_page_that_is_not_looked_at_says_nothing_more(visit: Visit, ada: Membership, mel: Membership) -> None:
    chosen(mel)
    page = visit("/", mel)
    page.add_init_script(
        "window.sent = []; const send = WebSocket.prototype.send;"
        "WebSocket.prototype.send = function (data) { window.sent.push(data); send.call(this, data) }"
    )
    page.goto("/c/circle/rooms/")
    assert has_said(page, True)
    page.evaluate("Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert has_said(page, True, False)
    page.evaluate("delete document.visibilityState; document.dispatchEvent(new Event('visibilitychange'))")
    assert has_said(page, True, False, True)
    elsewhere(lambda: choose_presence(member=mel, shows_presence=False, shows_typing=False))
    page.wait_for_timeout(1000)
    page.evaluate("dispatchEvent(new Event('pointerdown')); document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_timeout(500)
    assert has_said(page, True, False, True), "who refused sends nothing"


def test_typing_shows_without_moving_anything_and_goes(
    visit: Visit, ada: Membership, mel: Membership, mo: Membership, hall: Room
) -> None:
    chosen(mel, mo)
    path = hall.get_absolute_url()
    page, mels, mos = visit(path, ada), visit(path, mel), visit(path, mo)
    say(page, "so?")
    for writer in (mels, mos):
        hears(writer, "so?")
    line = page.locator("[data-typing]")
    expect(line).to_be_hidden()
    boxes = (
        "['#log', '#composer', '.msg'].map(one => JSON.stringify(document.querySelector(one).getBoundingClientRect()))"
    )
    before = page.evaluate(boxes)
    assert not is_announced(page, "[data-typing]")
    page.evaluate(RECORD)
    mels.locator("#composer-text").press_sequentially("well")
    expect(line).to_have_text("Mel is writing")
    mos.locator("#composer-text").press_sequentially("hm")
    expect(line).to_have_text("Mel and Mo are writing")
    assert page.evaluate(boxes) == before
    expect(mels.locator("[data-typing]")).to_have_text("Mo is writing")
    mels.locator("#composer-text").press("Enter")
    hears(page, "well")
    expect(line).to_have_text("Mo is writing")
    mos.context.close()  # a tab that dies
    expect(line).to_be_hidden(timeout=15_000)
    assert [text for _at, text in page.evaluate("said") if text] == ["Mel: well"]


def test_a_name_with_markup_is_text(visit: Visit, ada: Membership, mel: Membership, hall: Room) -> None:
    Membership.objects.filter(pk=mel.pk).update(display_name="<b>$& {other}</b>")
    chosen(mel)
    page, other = visit(hall.get_absolute_url(), ada), visit(hall.get_absolute_url(), mel)
    # Who is shown as here is connected: before that nothing typed would be told.
    expect(page.locator(".sidenav .here")).to_have_text("One person is here now", timeout=SOON)
    other.locator("#composer-text").press_sequentially("x")
    expect(page.locator("[data-typing]")).to_have_text("<b>$& {other}</b> is writing")
    expect(page.locator("#people-here .name")).to_have_text("<b>$& {other}</b>")
