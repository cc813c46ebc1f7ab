"""The generated style sheet is current, and the house's style sheets keep the house's rules."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command

from config.static import BUNDLE, SHEETS
from core.management.commands.write_hues import hues_css, hues_path

STYLES = Path(settings.BASE_DIR) / "static" / "css"
PHYSICAL = re.compile(r"[\s;{](?:(?:[\w-]+-)?(?:left|right)\s*:|text-align:\s*(?:left|right)\b)")


def test_hues_are_current() -> None:
    assert hues_path().read_text() == hues_css(), "run manage.py write_hues"
    call_command("write_hues", "--check")


def test_every_hue_and_every_seat_has_its_rule() -> None:
    css = hues_css()
    assert '[data-hue="0"] { --hue: 0; }' in css
    assert '[data-hue="359"] { --hue: 359; }' in css
    assert '.seats[data-n="150"] { --n: 150; }' in css
    assert ".seats li:nth-child(150) { --i: 149; }" in css


@pytest.mark.parametrize("sheet", sorted(STYLES.rglob("*.css")), ids=lambda sheet: sheet.name)
def test_style_sheets_turn_with_the_writing_direction_and_load_nothing(sheet: Path) -> None:
    css = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
    assert not PHYSICAL.findall(css)
    assert "url(" not in css
    assert "@import" not in css
    assert not re.findall(r"font(?:-size)?:[^;]*\d+px", css)


def test_every_style_sheet_is_in_the_one_that_pages_load() -> None:
    here = sorted(str(sheet.relative_to(STYLES)) for sheet in STYLES.rglob("*.css"))
    assert sorted(f"{name}.css" for name in SHEETS) == here
    bundle = Path(str(finders.find(BUNDLE))).read_text()
    assert bundle == "".join((STYLES / f"{name}.css").read_text() for name in SHEETS)
    assert bundle.index("@layer reset, tokens") < bundle.index("@layer reset {"), "their order is declared first"
