"""The tests that look at pages see what they look for."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit
from tests.browser.looks import misplaced
from tests.browser.walk import misled

pytestmark = pytest.mark.django_db(transaction=True)

SHEET = "body { margin: 0; font: 16px/1.5 sans-serif } a:focus, button:focus { outline: 3px solid blue }"


@pytest.fixture
def page(visit: Visit) -> Page:
    return visit("about:blank")


def show(page: Page, html: str, css: str = "") -> None:
    page.set_content(f"<style>{SHEET} {css}</style><a class='skip-link' href='#main'>On</a>{html}")


def test_nothing_is_wrong_with_a_plain_page(page: Page) -> None:
    show(page, "<p>Some words</p><button>One</button> <a href='#x'>Two</a>")
    assert misplaced(page) == []
    assert misled(page) == []


@pytest.mark.parametrize(
    ("html", "word"),
    [
        ("<div style='width: 1500px'>wide</div>", "px wide"),
        ("<p style='width: 60px; overflow: hidden; white-space: nowrap'>much too long for it</p>", "cut off"),
        ("<p>under</p><p style='margin-top: -36px'>over</p>", "on top of one another"),
    ],
)
def test_boxes_in_the_wrong_place_are_seen(page: Page, html: str, word: str) -> None:
    show(page, html)
    assert any(word in wrong for wrong in misplaced(page))


@pytest.mark.parametrize(
    ("html", "css", "word"),
    [
        ("<button>One</button>", "button:focus { outline: none }", "nothing shows"),
        (
            "<button>One</button><div style='position: fixed; inset: 0; background: red'></div>",
            "",
            "something lies over it",
        ),
        ("<button style='position: fixed; left: -900px'>One</button>", "", "out of sight"),
        ("<a href='#a' tabindex='2'>late</a><a href='#b' tabindex='1'>early</a>", "", "Tab "),
        ("<button>One</button><button onfocus='this.blur()'>Two</button>", "", "Tab does not reach"),
    ],
)
def test_a_way_that_leads_astray_is_seen(page: Page, html: str, css: str, word: str) -> None:
    show(page, html, css)
    assert any(word in wrong for wrong in misled(page)), misled(page)
