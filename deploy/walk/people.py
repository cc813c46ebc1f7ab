"""Two people in two browsers, who go in by the same doors as everybody."""

import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

from deploy.walk import stack

FLAGS = "--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update"
PATIENCE_MS = 60_000
FACE = stack.ROOT / "operations" / "demo" / "atempause" / "pictures" / "mira.webp"
GROUP = re.compile(r"/c/[^/]+/$")
expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Person:
    """A browser of their own, and the page that is open in it."""

    name: str
    email: str
    page: Page
    #: Which web the page's newest socket ends at, as caddy says it.
    webs: list[str]

    @property
    def web(self) -> str:
        return self.webs[-1] if self.webs else ""

    def say(self, text: str) -> None:
        field = self.page.locator("#composer-text")
        field.fill(text)
        field.press("Enter")

    def say_by_form(self, text: str) -> None:
        """As a page without scripts does it: the room, its form, what comes of it.

        Not in the browser, which sees networks of containers come and go and drops what it has sent.
        Raises: WalkError where anything but the room with the new message comes back.
        """
        request, room = self.page.context.request, self.page.url.partition("#")[0]
        page = request.get(room).text()
        form = page[page.index('<form id="composer"') :]
        action = re.search(r'action="([^"]+)"', form)
        fields = dict(re.findall(r'name="(csrfmiddlewaretoken|client_id)" value="([^"]+)"', form))
        address = urljoin(room, action[1] if action else "")
        answer = request.post(address, form={**fields, "text": text}, headers={"Referer": room})
        if answer.status != 200 or text not in answer.text():
            raise stack.WalkError(f"{text!r} went by form and did not arrive: {answer.status} {answer.url}")

    def hears(self, text: str) -> None:
        expect(self.messages(text)).to_have_count(1)

    def messages(self, text: str) -> Any:
        """Those that the server has taken, with exactly these words."""
        return self.page.locator("#log .msg[data-sequence]").filter(has_text=re.compile(rf"\b{re.escape(text)}\b"))

    def code(self) -> str:
        """From the newest mail."""
        return newest(self.email, r"\b(\d{6})\b")


def newest(email: str, pattern: str) -> str:
    """What the newest mail to somebody says, waited for."""
    found: list[str] = []

    def has_come() -> bool:
        found[:] = [match[1] for text in stack.mails(email) if (match := re.search(pattern, text))]
        return bool(found)

    stack.wait_until(has_come, f"a mail to {email}", seconds=60)
    return found[-1]


@contextmanager
def browsers(base: str, chromium: str, pictures: Path | None) -> Iterator[Callable[[str, str], Person]]:
    """Opens a browser for somebody who is not signed in. Where the walk fails, the pages are drawn into a folder."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium or None, args=FLAGS.split())
        contexts: list[BrowserContext] = []
        try:
            yield lambda name, email: _enter(browser, contexts, base, name, email)
        except Exception:
            for number, page in enumerate([page for context in contexts for page in context.pages]):
                if pictures:
                    page.screenshot(path=pictures / f"page-{number}.png", full_page=True)
            raise
        for context in contexts:
            context.close()
        browser.close()


def _enter(browser: Browser, contexts: list[BrowserContext], base: str, name: str, email: str) -> Person:
    # A name that only this house has comes with a certificate that only caddy knows.
    context = browser.new_context(
        base_url=base, ignore_https_errors=True, locale="en", timezone_id="Europe/Berlin", reduced_motion="reduce"
    )
    contexts.append(context)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    person = Person(name, email, page, [])
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.on("Network.webSocketHandshakeResponseReceived", lambda event: person.webs.append(_web(event)))
    return person


def _web(event: dict[str, Any]) -> str:
    headers = {str(key).lower(): str(value) for key, value in event["response"]["headers"].items()}
    return headers.get("kreis-web", "").rpartition(":")[0]


def go(page: Page, url: str) -> None:
    """A browser on the very machine sees containers' networks come and go, and drops what it was loading."""
    for _ in range(20):
        try:
            page.goto(url)
        except Error as error:
            if "ERR_NETWORK_CHANGED" not in str(error):
                raise
            time.sleep(0.5)
        else:
            return
    raise stack.WalkError(f"the network does not come to rest: {url}")


def set_up(person: Person, link: str) -> str:
    """From the link of the start to the first invitation, which it returns; ends in the first group."""
    page = person.page
    go(page, link)
    page.locator("[name=name]").fill("Our street")
    press(page, "Continue to mail")
    page.locator("[name=test_to]").fill(person.email)
    press(page, "Send a test mail")
    page.get_by_role("link", name="It has arrived: continue").wait_for()
    newest(person.email, r"(?s)^(.+)$")
    page.get_by_role("link", name="It has arrived: continue").click()
    page.locator("[name=email]").fill(person.email)
    page.locator("[name=password]").fill(secrets.token_urlsafe(24))
    press(page, "Make the account")
    page.get_by_role("link", name="Continue to your group").click()
    page.locator("[name=name]").fill("Our street")
    page.locator("[name=display_name]").fill(person.name)
    press(page, "Continue to rules")
    press(page, "Continue to invitations")
    page.locator("[name=name_1]").fill("Nia from next door")
    press(page, "Make the invitations")
    invitation = page.locator("#link-1").input_value()
    page.get_by_role("link", name="Continue to the keys").click()
    page.locator("[name=kept]").check()
    press(page, "Done: to Our street")
    expect(page).to_have_url(GROUP)
    go(page, link)
    expect(page.get_by_role("textbox", name="Token")).to_have_count(0)  # gone for ever
    page.go_back()
    return invitation


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def sign_up(person: Person, link: str) -> None:
    """By an invitation: agree, an address, the code that was mailed, a name in the group."""
    page = person.page
    go(page, link)
    for box in page.locator(".invite-form input[type=checkbox]").all():  # rules, where the group has some
        box.check()
    press(page, "Join")
    page.locator("input[type=email]").fill(person.email)
    # Who fills a form faster than anybody can read it is taken for a program.
    time.sleep(3)
    press(page, "Send the code")
    page.locator("input[name=code]").wait_for()
    page.locator("input[name=code]").fill(person.code())
    press(page, "Continue")
    page.locator("[name=display_name]").fill(person.name)
    press(page, "Join")
    expect(page).to_have_url(GROUP)


def show_face(person: Person, group: str) -> None:
    """A picture of oneself: drawn anew by a program that may open nothing, within the container's own limits."""
    page = person.page
    go(page, f"{group}me/")
    page.locator("[name=picture]").set_input_files(FACE)
    with page.expect_navigation():
        page.locator("form[enctype] button[type=submit]").click()
    go(page, f"{group}me/")
    face = page.locator("main img[src*='/pictures/']").first
    expect(face).to_be_visible()
    if not face.evaluate("image => image.decode().then(() => image.naturalWidth)"):
        raise stack.WalkError("a picture was taken, but cannot be seen")


def enter_room(person: Person, group: str) -> None:
    """The group's first room, and until it is live."""
    page = person.page
    go(page, group)
    page.locator("main a[href*='/rooms/']").first.click()
    expect(page.locator("#composer-text")).to_be_visible()
    expect(page.locator("[data-live]")).to_be_visible()
