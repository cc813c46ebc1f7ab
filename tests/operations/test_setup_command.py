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
from pytest_django import Settings

from accounts.models import User
from communities.models import Community, Invitation
from core.installation import keep
from core.mail import mail_server
from core.models import Installation
from core.sealing import key_id
from operations.setup.doors import setup_token
from tests.operations.post import Post

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


MAIL_PASSWORD = "stille Post am Fluss"


@pytest.fixture
def by_mail(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Post, dict[str, Any]]]:
    """A server that lets one account in, and what is said about it on the command line."""
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "core.mail.EmailBackend", ""
    monkeypatch.setenv("KREIS_SETUP_MAIL_PASSWORD", MAIL_PASSWORD)
    with Post(account=("us", MAIL_PASSWORD)).open() as post:
        options = {"mail_host": "127.0.0.1", "mail_port": post.port, "mail_security": "none", "mail_user": "us"}
        yield post, GIVEN | options | {"mail_from": "kreis@place.example"}


def test_the_mail_server_is_tried_out_and_kept(by_mail: tuple[Post, dict[str, Any]]) -> None:
    post, given = by_mail
    words = said("setup", **given, test_mail_to="Reader@place.example", key_sheet="-")
    [mail] = post.mails
    assert "To: Reader@place.example" in mail
    assert "Our place" in mail
    assert "Reader@place.example" in words
    kept = mail_server()
    assert kept is not None
    assert (kept.host, kept.port, kept.user, kept.password) == ("127.0.0.1", post.port, "us", MAIL_PASSWORD)
    assert Installation.objects.get().set_up_at is not None
    assert MAIL_PASSWORD not in words
    assert settings.SECRET_KEY in words.replace(" ", "").replace("\n", "")
    assert not Path("-").exists()


def test_a_test_mail_goes_to_the_operator_where_nobody_else_is_named(by_mail: tuple[Post, dict[str, Any]]) -> None:
    post, given = by_mail
    said("setup", **given)
    assert "To: Op@Place.example" in post.mails[0] or "To: op@place.example" in post.mails[0]


def test_where_the_test_mail_does_not_leave_nothing_is_made(
    by_mail: tuple[Post, dict[str, Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    post, given = by_mail
    monkeypatch.setenv("KREIS_SETUP_MAIL_PASSWORD", "another")
    sheet = tmp_path / "keys.txt"
    with pytest.raises(CommandError, match=r"did not leave.*does not accept this account and password"):
        said("setup", **given, key_sheet=str(sheet))
    place = Installation.objects.get()
    assert (place.set_up_at, place.setup, place.name, place.mail_host) == (None, {}, "", "")
    assert not User.objects.exists()
    assert not Community.objects.exists()
    assert not sheet.exists()
    assert post.mails == []
    monkeypatch.setenv("KREIS_SETUP_MAIL_PASSWORD", MAIL_PASSWORD)
    said("setup", **given)
    assert len(post.mails) == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"mail_from": ""}, "--mail-from: "),
        ({"mail_port": 65536}, "--mail-port: "),
        ({"mail_host": "https://mail.example.org/"}, "--mail-host: "),
        ({"mail_host": "mail.example.org"}, "--mail-security: Without encryption"),
        ({"mail_host": ""}, "Give --mail-host"),
        ({"mail_user": "üs"}, "--mail-user: "),
        ({"test_mail_to": "nobody"}, "--test-mail-to: "),
    ],
)
def test_what_mail_cannot_be_is_said(by_mail: tuple[Post, dict[str, Any]], changed: dict[str, Any], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        said("setup", **by_mail[1] | changed)
    assert not User.objects.exists()
    assert by_mail[0].mails == []


def test_a_mail_account_needs_its_password(
    by_mail: tuple[Post, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KREIS_SETUP_MAIL_PASSWORD")
    with pytest.raises(CommandError, match="KREIS_SETUP_MAIL_PASSWORD"):
        said("setup", **by_mail[1])


def test_the_server_of_the_environment_wins_and_can_be_tried_out(
    by_mail: tuple[Post, dict[str, Any]], settings: Settings
) -> None:
    post, given = by_mail
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", post.port
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "us", MAIL_PASSWORD
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    with pytest.raises(CommandError, match="KREIS_MAIL_HOST"):
        said("setup", **given)
    said("setup", **GIVEN, test_mail_to="op@place.example")
    assert len(post.mails) == 1
    assert Installation.objects.get().mail_host == ""


def test_without_any_server_a_test_mail_says_so(settings: Settings) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "core.mail.EmailBackend", ""
    with pytest.raises(CommandError, match="No mail server is set up"):
        said("setup", **GIVEN, test_mail_to="op@place.example")
    assert not User.objects.exists()


def test_the_link_carries_the_token() -> None:
    link = said("setup_link", base_url="https://kreis.example.org").strip()
    assert link == f"https://kreis.example.org/setup/?token={setup_token()}"


def test_the_key_sheet_can_be_typed_in_again() -> None:
    sheet = said("key_sheet")
    assert key_id(settings.SEAL_KEYS[0]) in sheet
    joined = sheet.replace(" ", "").replace("\n", "")
    assert settings.SEAL_KEYS[0] in joined
    assert settings.SECRET_KEY in joined
