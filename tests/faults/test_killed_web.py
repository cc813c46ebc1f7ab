"""A web process killed at the worst moment: the message is stored once, and the page learns of it."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from communities.models import Membership, Room
from tests.browser.conftest import *  # noqa: F403  # the browser's fixtures
from tests.browser.conftest import session_of
from tests.servers import start_server

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_message_stored_but_not_acknowledged_settles_as_one(
    browser: Browser, mel: Membership, hall: Room, tmp_path: Path
) -> None:
    died = tmp_path / "died"
    first = start_server(application="tests.faults.dying_asgi:application", KREIS_DIED=str(died))
    second = None
    context = browser.new_context(base_url=first.url, locale="en")
    try:
        context.add_cookies([{"name": "sessionid", "value": session_of(mel), "url": first.url}])
        page = context.new_page()
        # By the form it would be stored as well, and nobody would die of it.
        with page.expect_websocket() as opened:
            page.goto(hall.get_absolute_url())
        opened.value.wait_for_event("framereceived", lambda text: '"stream": "room"' in str(text))
        page.locator("#composer-text").fill("at the worst moment")
        page.locator("#composer-text").press("Enter")
        first.process.wait(timeout=30)
        assert died.exists()
        assert hall.messages.count() == 1
        expect(page.locator("[data-pending]")).to_be_visible()
        second = start_server(first.port)
        expect(page.locator(".msg[data-sequence]").filter(has_text="at the worst moment")).to_have_count(
            1, timeout=30_000
        )
        expect(page.locator("[data-pending]")).to_have_count(0, timeout=30_000)
        assert hall.messages.count() == 1
    finally:
        context.close()
        for server in (first, second):
            if server is not None:
                server.process.kill()
                server.process.wait()
