"""No page needs anything a strict Content-Security-Policy forbids, or anything from elsewhere."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

TEMPLATES = Path(settings.BASE_DIR) / "templates"
#: Mails cannot use the site's style sheets; they have one style element of their own.
PAGES = [p for p in sorted(TEMPLATES.rglob("*.html")) if not {"mail", "email"} & set(p.parts)]
FORBIDDEN = re.compile(r"""\sstyle=|<style|\son[a-z]+=["']|javascript:|(?:src|href|action)=["'](?:https?:)?//""")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(TEMPLATES).as_posix())
def test_a_template_is_strict_and_compiles(page: Path) -> None:
    assert FORBIDDEN.search(page.read_text()) is None
    get_template(page.relative_to(TEMPLATES).as_posix())


def test_scripts_hold_no_words_and_build_no_addresses_elsewhere() -> None:
    for script in (Path(settings.BASE_DIR) / "static" / "js").glob("*.js"):
        text = script.read_text()
        assert "http://" not in text.replace("http://www.w3.org", "")
        assert re.search(r"\beval\(|new Function", text) is None
        assert len(text.splitlines()) <= 260, script.name
