"""`manage.py setup`, `setup_link`, `key_sheet`: the first run without a browser."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from communities.models import Community, Invitation
from core.installation import keep
from core.models import Installation
from core.sealing import key_id
from operations.setup.doors import setup_token

pytestmark = pytest.mark.django_db

PASSWORD = "vier ruhige Worte hier"
GIVEN: dict[str, Any] = {
    "name": "Our place",
    "language": "en",
    "email": "Op@Place.example",
    "group": "Über den Fluß",
    "display_name": "Nell",
    "size": "parish",
    "invite": ["Beate", "Levi"],
    "base_url": "https://kreis.example.org",
}


@pytest.fixture(autouse=True)
def _waiting(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    Installation.objects.update_or_create(pk=Installation.ROW, defaults={"set_up_at": None, "setup": {}})
    keep(None)
    monkeypatch.setenv("KREIS_SETUP_PASSWORD", PASSWORD)
    yield
    keep(None)


def said(command: str, **options: Any) -> str:
    out = io.StringIO()
    call_command(command, stdout=out, **options)
    return out.getvalue()


def test_all_of_it_by_one_command(tmp_path: Path) -> None:
    sheet = tmp_path / "keys.txt"
    words = said("setup", **GIVEN, key_sheet=str(sheet))
    operator, place = User.objects.get(), Community.objects.get()
    assert (operator.email, operator.is_operator) == ("op@place.example", True)
    assert operator.check_password(PASSWORD)
    assert (place.slug, place.size_limit, place.rules.count()) == ("ueber-den-fluss", 60, 3)
    assert place.memberships.get().role.code == "owner"
    assert Installation.objects.get().set_up_at is not None
    tokens = re.findall(r"https://kreis\.example\.org/i/([\w-]{32})/", words)
    assert len(tokens) == Invitation.objects.count() == 2
    assert all(Client().get(f"/i/{token}/").status_code == 200 for token in tokens)
    assert str(sheet) in words
    assert sheet.stat().st_mode & 0o777 == 0o600
    assert settings.SECRET_KEY in sheet.read_text().replace(" ", "").replace("\n", "")
    assert settings.SECRET_KEY not in words.replace(" ", "")
    assert PASSWORD not in words


def test_it_refuses_a_second_time() -> None:
    said("setup", **GIVEN)
    with pytest.raises(CommandError, match="set up already"):
        said("setup", **GIVEN | {"email": "other@place.example"})
    with pytest.raises(CommandError, match="set up already"):
        said("setup_link", base_url="https://kreis.example.org")
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"email": "nobody"}, "email"),
        ({"slug": "tide water"}, "no spaces"),
        ({"display_name": "x"}, "two characters"),
        ({"name": ""}, "--name"),
        ({"base_url": "kreis.example.org"}, "KREIS_BASE_URL"),
        ({"password_file": "/no/such/file"}, "cannot be read"),
        ({"invite": ["x" * 61]}, "too long"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_made(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        said("setup", **GIVEN | changed)
    assert not User.objects.exists()
    assert not Community.objects.exists()
    assert Installation.objects.get().set_up_at is None


def test_without_a_password_it_says_how_to_give_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KREIS_SETUP_PASSWORD")
    with pytest.raises(CommandError, match="KREIS_SETUP_PASSWORD"):
        said("setup", **GIVEN)


def test_a_sheet_that_cannot_be_written_is_said_before_anything_is_made(tmp_path: Path) -> None:
    taken = tmp_path / "keys.txt"
    taken.write_text("mine")
    with pytest.raises(CommandError, match="cannot be written"):
        said("setup", **GIVEN, key_sheet=str(taken))
    assert taken.read_text() == "mine"
    assert not User.objects.exists()


def test_rules_of_ones_own_take_the_place_of_the_templates() -> None:
    said("setup", **GIVEN, rule=["Be kind", "One seat"])
    assert [rule.title for rule in Community.objects.get().rules.all()] == ["Be kind", "One seat"]


def test_the_link_carries_the_token() -> None:
    link = said("setup_link", base_url="https://kreis.example.org").strip()
    assert link == f"https://kreis.example.org/setup/?token={setup_token()}"


def test_the_key_sheet_can_be_typed_in_again() -> None:
    sheet = said("key_sheet")
    assert key_id(settings.SEAL_KEYS[0]) in sheet
    joined = sheet.replace(" ", "").replace("\n", "")
    assert settings.SEAL_KEYS[0] in joined
    assert settings.SECRET_KEY in joined
