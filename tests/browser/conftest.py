"""Chromium for the pages: real contexts, one per person, on a real web process."""

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from communities.models import Membership
from tests.servers import Server, start_server

# Playwright's own loop runs in this thread; Django would refuse the tests' plain queries because of it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
# A condition that comes true ends the waiting; how long it may take says nothing about the product.
expect.set_options(timeout=15_000)

#: What the Content-Security-Policy forbade is a complaint, whatever kind of word the browser makes of it.
TELL_OF_POLICY = """document.addEventListener("securitypolicyviolation", event =>
    console.error(`policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`))"""
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}

Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": os.environ["KREIS_HEADLESS_SHELL"], "args": FLAGS.split()}


@pytest.fixture(scope="session")
def shared_demo_server(
    django_db_setup: None, django_db_blocker: object, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A web process in demo mode; its mails lie in a folder of its own."""
    folder = str(tmp_path_factory.mktemp("demo"))
    running = start_server(KREIS_DEBUG="1", KREIS_DEMO="1", KREIS_VAR=folder, KREIS_SECRET_KEY=settings.SECRET_KEY)
    yield running
    running.process.kill()
    running.process.wait()


@pytest.fixture
def demo_server(shared_demo_server: Server, server: Server) -> Server:
    return shared_demo_server


@pytest.fixture
def mortal(transactional_db: None) -> Iterator[list[Server]]:
    """A web process of the test's own, which it may kill and start again on the same port."""
    servers = [start_server()]
    yield servers
    for server in servers:
        server.process.kill()
        server.process.wait()


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Visit]:
    """Opens a page of the site in a browser of its own. The test fails where a page breaks its own rules.

    Nothing moves, unless a test asks for it: painting what fades takes a third of the time without a graphics card.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(path: str = "/", member: Membership | None = None, **options: Any) -> Page:
        still = {"reduced_motion": "reduce"}
        options = {"viewport": DESK, "locale": "en", "timezone_id": "Europe/Berlin"} | still | options
        context = browser.new_context(base_url=server.url, **options)
        contexts.append(context)
        if member is not None:
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": session_of(member), "url": server.url}]
            )
        context.add_init_script(TELL_OF_POLICY)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: _watch(message.type, message.text, complaints))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


# A refused connection; and where a test stands between page and server (route_web_socket), a word said while the end of
# its socket is still on the way to the page, which looks at `readyState` before it speaks and cannot know yet.
_NO_COMPLAINT = ("Failed to load resource", "WebSocket connection", "WebSocket is already in CLOSING or CLOSED state")


def _watch(kind: str, text: str, complaints: list[str]) -> None:
    """What a browser complains about: a policy that was broken, a script that failed."""
    if kind in {"error", "warning"} and not any(part in text for part in _NO_COMPLAINT):
        complaints.append(text)


def session_of(member: Membership) -> str:
    client = Client()
    assert member.user is not None
    client.force_login(member.user)
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


def mailed_code(address: str, within: float = 10) -> str:
    """The six digits of the newest mail to an address."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        for file in sorted(Path(settings.EMAIL_FILE_PATH).glob("*.log"), reverse=True):
            text = file.read_text(errors="replace")
            found = re.findall(r"^\s*(\d{6})\s*$", text, re.MULTILINE)
            if address in text and found:
                return str(found[-1])
        time.sleep(0.1)
    raise AssertionError(f"no code was mailed to {address}")


def elsewhere(act: Callable[[], object]) -> None:
    """Act as another process would: Playwright's loop runs in this thread, and the bus needs one of its own."""

    def run() -> None:
        try:
            act()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(run).result()


def frames_in(text: str | bytes) -> list[dict[str, Any]]:
    """What a socket carries: one frame, or a list of them where much comes at once."""
    found = json.loads(text)
    return found if isinstance(found, list) else [found]


def wait_until(page: Page, holds: Callable[[], bool], within: float = 15) -> None:
    """Lets the page go on until something holds elsewhere."""
    deadline = time.monotonic() + within
    while not holds() and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    assert holds()
