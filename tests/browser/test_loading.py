"""While a page loads nothing in it moves, also where the computer is slow; and on paper it stands in full."""

import pytest
from playwright.sync_api import Page, expect

from communities.models import Membership, Room, Rule
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.test_live_faults import written

pytestmark = pytest.mark.django_db(transaction=True)

WATCH = """window.moved = []
new PerformanceObserver(list => {
    for (const entry of list.getEntries())
        moved.push(`${entry.value}: ${entry.sources.map(({node}) => node?.outerHTML?.slice(0, 80))}`)
}).observe({type: "layout-shift", buffered: true})"""


def load_slowly(page: Page, path: str) -> list[str]:
    """What moved of a page that is loaded for the first time, on a processor that takes four times as long."""
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.add_init_script(WATCH)
    page.goto(path, timeout=60_000)
    page.wait_for_timeout(1000)
    moved: list[str] = page.evaluate("moved")
    return moved


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("place", ["sign-in", "today", "room", "people"])
def test_nothing_moves_while_a_page_loads(
    visit: Visit, ada: Membership, mel: Membership, hall: Room, place: str, size: dict[str, int]
) -> None:
    written(ada, hall, 60)
    paths = {
        "sign-in": "/accounts/login/",
        "today": mel.community.get_absolute_url(),
        "room": hall.get_absolute_url(),
        "people": f"{mel.community.get_absolute_url()}people/",
    }
    page = visit("about:blank", None if place == "sign-in" else mel, viewport=size)
    assert load_slowly(page, paths[place]) == []


@pytest.mark.parametrize("read", [True, False], ids=["all read", "news"])
def test_a_room_opens_where_it_is_read_on_before_scripts_have_run(
    visit: Visit, ada: Membership, mel: Membership, hall: Room, read: bool
) -> None:
    """Its modules never arrive; what is drawn at first stands at the right place all the same."""
    written(mel, hall, 30)
    if not read:
        written(ada, hall, 30)
    page = visit("about:blank", mel)
    page.route("**/js/room.js", lambda route: route.abort())
    page.goto(hall.get_absolute_url())
    if read:
        expect(page.locator(".msg").last).to_be_in_viewport()
    else:
        expect(page.locator("#unread")).to_be_in_viewport()


def test_on_paper_a_room_stands_in_full_without_what_can_only_be_pressed(
    visit: Visit, ada: Membership, mel: Membership, hall: Room
) -> None:
    written(ada, hall, 40)
    page = visit(hall.get_absolute_url(), mel)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 794, "height": 600})
    expect(page.get_by_role("heading", name="Hall", level=1)).to_be_visible()
    log = page.locator("#log")
    assert log.evaluate("log => log.scrollHeight <= log.clientHeight + 1"), "nothing of it is scrolled away"
    assert log.evaluate("log => log.clientHeight") > 600
    for gone in (".sidenav", ".topbar", "#composer", ".msg-tools", ".log-end"):
        expect(page.locator(gone).first).to_be_hidden()


def test_on_paper_rules_stand_alone(visit: Visit, mel: Membership) -> None:
    Rule.objects.create(community=mel.community, number=9, title="Bring cake", text="Or something like it.")
    page = visit(f"{mel.community.get_absolute_url()}rules/", mel)
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.get_by_text("Bring cake")).to_be_visible()
    expect(page.locator(".sidenav")).to_be_hidden()
    dark_ink = "getComputedStyle(document.querySelector('.rule h3')).color"
    light = page.evaluate(
        f"(() => {{ const c = document.createElement('canvas').getContext('2d'); c.fillStyle = {dark_ink};"
        "c.fillRect(0, 0, 1, 1); return c.getImageData(0, 0, 1, 1).data[0] })()"
    )
    assert light < 128, "dark words on white paper, whatever the theme"
