"""Everything a person reads exists in German, says du, and is up to date with the source."""

import re
from collections.abc import Iterator
from pathlib import Path

import django
from babel.messages import Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.apps import apps
from django.conf import settings

from core.translations import catalogue_path, texts_in_source

FORMAL = re.compile(r"\b(?:Sie|Ihnen|Ihre?[mnrs]?)\b")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}")


Key = tuple[str | tuple[str, ...], str | None]


def _key(message: Message) -> Key:
    return message.id if isinstance(message.id, str) else tuple(message.id), message.context


def _german() -> dict[Key, tuple[str, ...]]:
    with catalogue_path("de").open("rb") as file:
        catalogue = read_po(file, locale="de")
    assert not [message.id for message in catalogue if message.fuzzy and message.id]
    return {
        _key(message): (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        for message in catalogue
        if message.id
    }


def test_every_text_of_the_source_is_translated() -> None:
    german = _german()
    texts = {(text, context) for text, context, _place in texts_in_source()}
    assert len(texts) > 100
    assert [text for text in sorted(texts, key=str) if not all(german.get(text, ("",)))] == []


def test_texts_that_stand_as_a_default_are_found_too() -> None:
    """`{{ name|default:_("…") }}` is neither a tag nor a call in Python."""
    found = {text for text, _context, _place in texts_in_source()}
    written = {
        text
        for path in (Path(settings.BASE_DIR) / "templates").rglob("*.html")
        for text in re.findall(r"""_\(["']([^"']+)["']\)""", path.read_text())
    }
    assert "Former member" in written
    assert written <= found


def test_nobody_is_called_sie() -> None:
    formal = [words for words in _german().values() if any(FORMAL.search(word) for word in words)]
    assert formal == []


def test_translations_name_no_placeholder_that_is_not_there() -> None:
    for (text, _context), words in _german().items():
        known = set(PLACEHOLDER.findall(text if isinstance(text, str) else str(text[-1])))
        assert set(PLACEHOLDER.findall(words[-1])) <= known, text


def _foreign_catalogues() -> Iterator[Path]:
    """What Django and the installed libraries say in German."""
    folders = [Path(django.__file__).parent / "conf", *(Path(app.path) for app in apps.get_app_configs())]
    for folder in folders:
        yield from folder.glob("locale/de/LC_MESSAGES/django.mo")


def test_what_is_said_differently_is_said_by_somebody() -> None:
    """An override of a text that no library has (any more) is dead weight."""
    foreign = set()
    for path in _foreign_catalogues():
        with path.open("rb") as file:
            foreign |= {_key(message) for message in read_mo(file) if message.id}
    with catalogue_path("de").open("rb") as file:
        ours = [message for message in read_po(file, locale="de") if "house-override" in message.user_comments]
    assert len(ours) > 20
    assert [message.id for message in ours if _key(message) not in foreign] == []
