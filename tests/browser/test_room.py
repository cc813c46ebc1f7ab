"""A room in the browser: changing, reading, writing without script, without network."""

import re
import uuid

import pytest
from playwright.sync_api import expect

from communities.models import Membership, Room
from messaging.actions import Draft, post_messages
from messaging.models import Message, ReadMark
from tests.browser.conftest import Visit, elsewhere
from tests.browser.test_first_path import hears, say

pytestmark = pytest.mark.django_db(transaction=True)


def written(author: Membership, room: Room, count: int = 1) -> None:
    def write() -> None:
        for number in range(count):
            assert isinstance(post_messages([Draft(author, room, uuid.uuid4(), f"words {number}")])[0], Message)

    elsewhere(write)


def test_edits_and_deletions_reach_the_other_at_once(
    visit: Visit, ada: Membership, mel: Membership, hall: Room
) -> None:
    one, other = visit(hall.get_absolute_url(), ada), visit(hall.get_absolute_url(), mel)
    say(one, "frist")
    hears(other, "frist")
    one.locator("#composer-text").press("ArrowUp")
    one.locator(".edit-form textarea").fill("first")
    one.locator(".edit-form textarea").press("Enter")
    hears(other, "first")
    expect(other.locator(".edited-mark")).to_be_visible()
    one.locator(".msg").hover()
    one.locator("[data-delete]").click()
    one.locator("#delete-dialog button[value=delete]").click()
    expect(other.locator(".msg[data-deleted]")).to_be_visible()
    expect(other.locator("#log")).not_to_contain_text("first")
    assert other.locator(".msg [data-edit]:visible").count() == 0


def test_news_elsewhere_is_a_dot_and_reading_takes_it_away_everywhere(
    visit: Visit, ada: Membership, mel: Membership, hall: Room, porch: Room
) -> None:
    page, second = visit(hall.get_absolute_url(), mel), visit(hall.get_absolute_url(), mel)
    dot = f".nav-item[data-room='{porch.pk}'][data-unread]"
    expect(page.locator(".sidenav")).to_be_visible()
    page.wait_for_timeout(500)
    written(ada, porch)
    expect(page.locator(dot)).to_be_visible()
    expect(second.locator(dot)).to_be_visible()
    page.locator(dot).click()
    expect(page.locator("#unread")).to_be_visible()
    expect(second.locator(dot)).to_have_count(0)
    assert ReadMark.objects.get(membership=mel, room=porch).last_sequence == 1


def test_a_draft_survives_a_reload_and_sending_clears_it(visit: Visit, mel: Membership, hall: Room) -> None:
    page = visit(hall.get_absolute_url(), mel)
    page.locator("#composer-text").fill("half a thought")
    page.reload()
    expect(page.locator("#composer-text")).to_have_value("half a thought")
    page.locator("#composer-text").press("Enter")
    hears(page, "half a thought")
    page.reload()
    expect(page.locator("#composer-text")).to_have_value("")


def test_words_written_offline_wait_visibly_and_arrive_once(
    visit: Visit, ada: Membership, mel: Membership, hall: Room
) -> None:
    page, other = visit(hall.get_absolute_url(), mel), visit(hall.get_absolute_url(), ada)
    page.context.set_offline(True)
    page.evaluate("navigator.onLine")
    page.route("**/messages/", lambda route: route.abort())
    say(page, "from the tunnel")
    expect(page.locator("[data-pending]")).to_be_visible()
    page.unroute("**/messages/")
    page.context.set_offline(False)
    hears(other, "from the tunnel")
    expect(page.locator("[data-pending]")).to_have_count(0)
    assert hall.messages.count() == 1


def test_a_lost_answer_is_asked_again_and_stored_once(visit: Visit, mel: Membership, hall: Room) -> None:
    page = visit("/", mel)
    # The socket never opens, so the form door is used; its first answer is lost after the server has stored.
    page.route("**/live/", lambda route: route.abort())
    page.add_init_script(
        "WebSocket = class extends EventTarget { readyState = 0; send() {} close() {} static OPEN = 1 }"
    )
    page.goto(hall.get_absolute_url())
    lost: list[str] = []

    def lose_first(route: "object") -> None:
        if lost:
            route.continue_()  # type: ignore[attr-defined]
            return
        lost.append(route.fetch().text())  # type: ignore[attr-defined]
        route.abort()  # type: ignore[attr-defined]

    page.route("**/messages/", lose_first)
    say(page, "once only")
    hears(page, "once only")
    assert "sequence" in lost[0]
    assert hall.messages.count() == 1


def test_a_refused_message_says_why_and_can_be_discarded(visit: Visit, mel: Membership, hall: Room) -> None:
    page = visit(hall.get_absolute_url(), mel)
    Membership.objects.filter(pk=mel.pk).update(muted_until="2999-01-01T00:00Z")
    say(page, "too late")
    expect(page.locator("[data-pending][data-state=failed] [role=alert]")).to_contain_text("not write")
    page.locator("[data-discard]").click()
    expect(page.locator("[data-pending]")).to_have_count(0)


def test_what_is_read_further_up_stays_where_it_is(visit: Visit, ada: Membership, mel: Membership, hall: Room) -> None:
    written(mel, hall, 38)
    page = visit(hall.get_absolute_url(), mel)
    page.wait_for_timeout(500)
    page.locator("#log").evaluate("log => log.scrollTop = 0")
    page.wait_for_timeout(100)
    written(ada, hall)
    expect(page.locator("[data-jump]")).to_be_visible()
    assert page.locator("#log").evaluate("log => log.scrollTop") == 0
    page.locator("[data-jump]").click()
    expect(page.locator("[data-jump]")).to_be_hidden()
    assert page.locator("#log").evaluate("l => l.scrollHeight - l.scrollTop - l.clientHeight") < 24


def test_the_same_things_work_without_script(visit: Visit, ada: Membership, mel: Membership, hall: Room) -> None:
    written(ada, hall)
    page = visit(hall.get_absolute_url(), mel, java_script_enabled=False)
    page.locator("#composer-text").fill("plain **words**")
    page.locator(".composer .send").click()
    expect(page).to_have_url(re.compile(r"#message-[0-9a-f-]{36}$"))
    mine = page.locator(".msg[data-mine]")
    expect(mine.locator("strong")).to_have_text("words")
    mine.hover()
    mine.locator("[data-edit]").click()
    page.locator("textarea").fill("other words")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".edited-mark")).to_be_visible()
    page.locator(".msg[data-mine]").hover()
    page.locator(".msg[data-mine] [data-delete]").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.locator(".msg[data-deleted]")).to_be_visible()
    page.get_by_role("button", name="Mark as read").click()
    assert ReadMark.objects.get(membership=mel).last_sequence == 2


def test_others_messages_are_announced_and_ones_own_are_not(
    visit: Visit, ada: Membership, mel: Membership, hall: Room
) -> None:
    page = visit(hall.get_absolute_url(), mel)
    page.wait_for_timeout(500)
    say(page, "mine")
    hears(page, "mine")
    expect(page.locator("#announcements")).to_have_text("")
    written(ada, hall)
    expect(page.locator("#announcements")).to_have_text("Ada: words 0")
