"""Every page a person can see: axe finds nothing, light and dark, at the desk and on the phone; nothing is misplaced.

The pages are those of `tour.py`, in German and English, with words as long as they come.
"""

import pytest

from communities.models import Community
from tests.browser import addresses, tour
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.looks import FEW_SIZES, SIZES, Theme, misplaced, resize, violations
from tests.browser.walk import misled
from tests.servers import Server

#: Each page is seen in both themes at both sizes, a half of them in each language. By all rules and at all widths in
#: the language with the longer words: what a page is made of depends on its size, not on colours and words.
LOOKS: dict[str, list[tuple[Theme, dict[str, int]]]] = {
    "de": [("dark", PHONE), ("light", DESK)],
    "en": [("light", PHONE), ("dark", DESK)],
}
LONGER_WORDS = "de"
#: By keys alone each page is walked once at either size.
WALKED = {"de": PHONE, "en": DESK}
#: These stand on their own, where no language is known, and hold both.
BOTH_LANGUAGES = {"400", "500"}


def test_every_address_is_on_the_tour() -> None:
    shown = set().union(*(names for _walk, names in tour.PARTS.values()))
    assert shown | tour.NO_PAGE == addresses.every_name()
    assert shown & tour.NO_PAGE == set()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("part", tour.PARTS)
@pytest.mark.parametrize("language", LOOKS)
def test_every_page_can_be_read(visit: Visit, demo_server: Server, circle: Community, language: str, part: str) -> None:
    walk, promised = tour.PARTS[part]
    found, shown, walked = [], set(), set()
    for stop in walk(tour.build(visit, demo_server, language, circle)):
        page = stop.page
        shown.add(stop.name)
        assert addresses.name_of(page.url) == stop.name, stop.what
        assert stop.what in BOTH_LANGUAGES or page.locator("html").get_attribute("lang") == language, stop.what
        wrong = misplaced(page, SIZES if language == LONGER_WORDS else FEW_SIZES)
        for theme, size in LOOKS[language] if stop.has_script else []:
            wrong += violations(page, theme, size, by_all_rules=language == LONGER_WORDS)
        if stop.has_script and stop.name not in walked:
            resize(page, **WALKED[language])
            wrong += misled(page)
            walked.add(stop.name)
        found += [f"{stop.what}, {one}" for one in wrong]
        resize(page, **DESK)
    assert not found, "\n".join(found)
    assert shown - {""} == promised
