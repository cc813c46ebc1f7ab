"""A page that missed much: what was read stays where it is, the newest comes, and the gap between them fills."""

import pytest
from playwright.sync_api import Page, expect

from communities.models import Membership, Room
from messaging.actions import delete_message, edit_message
from messaging.models import Message, ReadMark, RoomLog
from tests.browser.conftest import Visit, elsewhere, wait_until
from tests.browser.test_first_path import hears, say
from tests.browser.test_listening import RECORD
from tests.browser.test_live_faults import WRITTEN, Door, written
from tests.factories import written_before

pytestmark = pytest.mark.django_db(transaction=True)

GAP = "[data-gap]"
NUMBERS = "all => all.map(one => Number(one.dataset.sequence))"


def numbers(page: Page) -> list[int]:
    found: list[int] = page.locator(WRITTEN).evaluate_all(NUMBERS)
    return found


def top_of(page: Page, text: str) -> float:
    box = page.locator(WRITTEN).filter(has=page.get_by_text(text, exact=True)).bounding_box()
    assert box is not None
    return box["y"]


def scroll(page: Page, to: str) -> None:
    page.locator("#log").evaluate(f"log => log.scrollTop = {to}")


class Away:
    """A page that is cut off while others write, and comes back."""

    def __init__(self, page: Page, room: Room) -> None:
        self.page = page
        self.door = Door(page)
        self.asked: list[str] = []
        page.route("**/changes/*", self._ask)
        page.goto(room.get_absolute_url())
        page.evaluate("document.documentElement.dataset.same = 'yes'")
        page.wait_for_function("document.querySelector('#log')")
        page.wait_for_timeout(500)

    def _ask(self, route: "object") -> None:
        if self.door.is_shut:
            route.abort()  # type: ignore[attr-defined]
        else:
            self.asked.append(route.request.url)  # type: ignore[attr-defined]
            route.continue_()  # type: ignore[attr-defined]

    def leave(self) -> None:
        self.door.shut()

    def come_back(self) -> None:
        self.asked = []
        self.door.open()
        self.page.evaluate("dispatchEvent(new Event('online'))")

    def assert_same_page(self) -> None:
        assert self.page.evaluate("document.documentElement.dataset.same") == "yes", "the page was loaded anew"


@pytest.fixture
def away(visit: Visit, ada: Membership, mel: Membership, hall: Room) -> Away:
    written_before(ada, hall, 50)
    ReadMark.objects.create(membership=mel, room=hall, last_sequence=50)
    return Away(visit("/", mel), hall)


def test_five_thousand_missed_leave_everything_where_it_was(away: Away, ada: Membership, hall: Room) -> None:
    page = away.page
    scroll(page, "200")
    away.leave()
    say(page, "into the wind")
    # It comes in above: a place that is asked for in that very moment is none that anybody sees.
    expect(page.locator("[data-connection] [data-when=lost]")).to_be_visible()
    scroll(page, "200")
    page.locator("#composer-text").fill("half a thought")
    shown = list(hall.messages.order_by("sequence"))
    written_before(ada, hall, 5000)
    elsewhere(lambda: edit_message(actor=ada, message=shown[19], text="in other words"))
    elsewhere(lambda: delete_message(actor=ada, message=shown[29]))
    before = top_of(page, "words 15")
    known = page.locator("#main").get_attribute("data-change")

    away.come_back()
    expect(page.locator(GAP)).to_have_count(1)
    expect(page.locator("[data-pending]")).to_have_count(0, timeout=20_000)
    hears(page, "in other words")
    away.assert_same_page()
    assert len([url for url in away.asked if f"since={known}&" in url]) == 1, "what was missed is asked for once"
    assert numbers(page)[:50] == [*range(1, 51)]
    # One's own words may have been stored before or after the newest page was asked for.
    assert numbers(page)[50:] in ([*range(5001, 5052)], [*range(5002, 5052)])
    assert abs(top_of(page, "words 15") - before) <= 1
    expect(page.locator("#composer-text")).to_have_value("half a thought")
    expect(page.locator("#composer-text")).to_be_focused()
    expect(page.locator(f"{WRITTEN}[data-sequence='30'][data-deleted]")).to_have_count(1)
    expect(page.locator(f"{WRITTEN}[data-sequence='50'] + #unread + {GAP}")).to_have_count(1)
    expect(page.locator("[data-jump]")).to_be_visible()
    expect(page.locator("#announcements")).to_have_text("Many new messages", timeout=10_000)
    assert hall.messages.filter(text="into the wind").count() == 1


def test_a_gap_fills_as_one_reads_on_and_closes(away: Away, ada: Membership, mel: Membership, hall: Room) -> None:
    page = away.page
    away.leave()
    written_before(ada, hall, 260)
    away.come_back()
    expect(page.locator(GAP)).to_have_count(1)
    for known in range(50, 300, 50):
        if page.locator(GAP).count() == 0:
            break
        page.locator(f"{WRITTEN}[data-sequence='{known}']").evaluate("one => one.scrollIntoView({block: 'center'})")
        before = top_of(page, f"words {known}")
        expect(page.locator(f"{WRITTEN}[data-sequence='{known + 50}']")).to_have_count(1)
        assert abs(top_of(page, f"words {known}") - before) <= 1
    expect(page.locator(GAP)).to_have_count(0)
    assert numbers(page) == list(range(1, 311))
    expect(page.locator(f"{WRITTEN}[data-sequence='50'] + #unread")).to_have_count(1)
    assert ReadMark.objects.get(membership=mel).last_sequence < 310
    scroll(page, "log.scrollHeight")
    wait_until(page, lambda: ReadMark.objects.get(membership=mel).last_sequence == 310)
    written(ada, hall, start=1000)
    hears(page, "words 1000")
    away.assert_same_page()


def test_many_edits_above_a_gap_are_nothing_new(away: Away, ada: Membership, hall: Room) -> None:
    page = away.page
    scroll(page, "200")
    away.leave()
    written_before(ada, hall, 300)
    away.come_back()
    expect(page.locator(GAP)).to_have_count(1)
    expect(page.locator("#announcements")).to_have_text("Many new messages")
    expect(page.locator("#announcements")).to_have_text("")
    page.locator("[data-jump]").evaluate("pill => pill.hidden = true")  # seen, and not gone to
    away.leave()
    messages = list(hall.messages.order_by("sequence"))
    for number, message in enumerate(messages[:270]):
        message.change, message.edited_at = 351 + number, message.created_at
    Message.objects.bulk_update(messages[:270], ["change", "edited_at"])
    RoomLog.objects.filter(room=hall).update(change=620)
    page.evaluate(RECORD)
    away.come_back()
    expect(page.locator(f"{WRITTEN}[data-sequence='50'] .edited-mark")).to_have_count(1)
    page.wait_for_timeout(3500)
    assert page.evaluate("said") == []
    expect(page.locator("[data-jump]")).to_be_hidden()
    away.assert_same_page()


def test_a_gap_fills_from_the_newest_down_as_well(away: Away, ada: Membership, hall: Room) -> None:
    page = away.page
    away.leave()
    written_before(ada, hall, 250)
    away.come_back()
    expect(page.locator(GAP)).to_have_count(1)
    page.locator("[data-jump]").click()
    expect(page.locator(WRITTEN).last).to_be_in_viewport()
    for known in range(251, 60, -50):
        page.locator(f"{WRITTEN}[data-sequence='{known}']").evaluate("one => one.scrollIntoView({block: 'center'})")
        before = top_of(page, f"words {known}")
        expect(page.locator(f"{WRITTEN}[data-sequence='{known - 50}']")).to_have_count(1)
        assert abs(top_of(page, f"words {known}") - before) <= 1
    expect(page.locator(GAP)).to_have_count(0)
    assert numbers(page) == list(range(1, 301))


def test_a_gap_is_filled_by_keys_and_tried_again_where_that_fails(away: Away, ada: Membership, hall: Room) -> None:
    page = away.page
    away.leave()
    written_before(ada, hall, 205)
    away.come_back()
    button = page.get_by_role("button", name="Messages are missing here")
    expect(button).to_have_count(1)
    page.route("**/messages/?*", lambda route: route.abort())
    page.locator(WRITTEN).nth(49).focus()
    page.keyboard.press("j")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(button).to_contain_text("Try again")
    expect(button).to_be_focused()
    page.unroute("**/messages/?*")
    page.keyboard.press("Enter")
    expect(page.locator(f"{WRITTEN}[data-sequence='51']")).to_be_focused()
    for _ in range(20):
        if button.count() == 0:
            break
        button.focus()
        page.keyboard.press("Enter")
        page.wait_for_timeout(300)
        assert page.evaluate("document.getElementById('log').contains(document.activeElement)"), "the focus is lost"
    assert numbers(page) == list(range(1, 256))
    page.keyboard.press("Escape")
    expect(page.locator("#composer-text")).to_be_focused()
    expect(page.locator(WRITTEN).last).to_be_in_viewport()
    away.assert_same_page()


def test_a_second_absence_keeps_what_one_reads_and_one_gap(away: Away, ada: Membership, hall: Room) -> None:
    page = away.page
    for _ in range(2):
        away.leave()
        written_before(ada, hall, 300)
        away.come_back()
        newest = hall.messages.count()
        expect(page.locator(f"{WRITTEN}[data-sequence='{newest}']")).to_have_count(1)
        expect(page.locator(GAP)).to_have_count(1)
        assert numbers(page) == [*range(1, 51), *range(newest - 49, newest + 1)]
        expect(page.locator(f"{WRITTEN}[data-sequence='50']")).to_be_in_viewport()


def test_what_changes_while_a_page_is_on_its_way_is_newer_than_the_page(
    away: Away, ada: Membership, hall: Room
) -> None:
    page = away.page
    away.leave()
    written_before(ada, hall, 300)
    away.come_back()
    expect(page.locator(GAP)).to_have_count(1)

    def late(route: "object") -> None:
        answer = route.fetch()  # type: ignore[attr-defined]
        target = hall.messages.get(sequence=60 if "after=" in route.request.url else 290)  # type: ignore[attr-defined]
        elsewhere(lambda: edit_message(actor=ada, message=target, text="changed meanwhile"))
        page.wait_for_timeout(1000)
        route.fulfill(response=answer)  # type: ignore[attr-defined]

    page.route("**/messages/?*", late, times=1)
    page.get_by_role("button", name="Messages are missing here").click()
    expect(page.locator(WRITTEN).filter(has_text="changed meanwhile")).to_have_count(1, timeout=15_000)


def test_a_page_that_follows_for_long_lets_the_oldest_go(away: Away, ada: Membership, hall: Room) -> None:
    page = away.page
    for _ in range(3):
        written_before(ada, hall, 190)
        away.come_back()
        expect(page.locator(f"{WRITTEN}[data-sequence='{hall.messages.count()}']")).to_be_in_viewport()
    shown = numbers(page)
    assert len(shown) <= 400
    assert shown == list(range(shown[0], 621))
    expect(page.locator(GAP)).to_have_count(0)
    scroll(page, "0")
    page.get_by_role("link", name="Show older").click()
    expect(page.locator(f"{WRITTEN}[data-sequence='{shown[0] - 50}']")).to_have_count(1)
    assert numbers(page)[:150] == list(range(shown[0] - 50, shown[0] + 100))
    expect(page.locator(f"{WRITTEN}[data-sequence='{shown[0]}']")).to_be_in_viewport()


def test_a_reader_further_up_keeps_their_place_while_much_comes(away: Away, ada: Membership, hall: Room) -> None:
    page = away.page
    scroll(page, "300")
    page.locator(f"{WRITTEN}[data-sequence='18']").evaluate("one => one.focus({preventScroll: true})")
    before = top_of(page, "words 18")
    for _ in range(3):
        written_before(ada, hall, 190)
        away.come_back()
        expect(page.locator(f"{WRITTEN}[data-sequence='{hall.messages.count()}']")).to_have_count(1)
    assert len(numbers(page)) <= 400
    assert abs(top_of(page, "words 18") - before) <= 1
    expect(page.locator(f"{WRITTEN}[data-sequence='18']")).to_be_focused()
    expect(page.locator(GAP)).to_have_count(1)
    assert numbers(page)[-50:] == list(range(571, 621))
    written(ada, hall, start=1000)
    expect(page.locator(WRITTEN).last).to_contain_text("words 1000")


def test_from_the_unread_line_one_reads_on_without_another_page(
    visit: Visit, ada: Membership, mel: Membership, hall: Room
) -> None:
    written_before(ada, hall, 180)
    ReadMark.objects.create(membership=mel, room=hall, last_sequence=10)
    page = visit(hall.get_absolute_url(), mel)
    page.evaluate("document.documentElement.dataset.same = 'yes'")
    for _ in range(12):
        scroll(page, "log.scrollTop + log.clientHeight * 3")
        page.wait_for_timeout(250)
        if numbers(page)[-1] == 180 and page.locator(GAP).count() == 0:
            break
    assert numbers(page) == list(range(1, 181))
    scroll(page, "log.scrollHeight")
    wait_until(page, lambda: ReadMark.objects.get(membership=mel).last_sequence == 180)
    assert page.evaluate("document.documentElement.dataset.same") == "yes"


def test_writing_from_far_up_leads_to_the_newest(visit: Visit, ada: Membership, mel: Membership, hall: Room) -> None:
    written_before(ada, hall, 180)
    ReadMark.objects.create(membership=mel, room=hall, last_sequence=10)
    page = visit(hall.get_absolute_url(), mel)
    page.wait_for_timeout(500)
    say(page, "here is the end")
    hears(page, "here is the end")
    expect(page.locator(WRITTEN).last).to_contain_text("here is the end")
    expect(page.locator(WRITTEN).last).to_be_in_viewport()
    expect(page.locator("[data-pending]")).to_have_count(0)
    expect(page.locator(f"{WRITTEN}[data-sequence='132']")).to_have_count(1)
    shown = numbers(page)
    assert shown == sorted(set(shown))
    assert shown[-50:] == list(range(132, 182))
    expect(page.locator(WRITTEN).last).to_be_in_viewport()
