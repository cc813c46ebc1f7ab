"""Everything a person reads exists in German, says du, and is up to date with the source."""

import re

from babel.messages.pofile import read_po

from core.translations import catalogue_path, texts_in_source

FORMAL = re.compile(r"\b(?:Sie|Ihnen|Ihre?[mnrs]?)\b")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}")


def _german() -> dict[tuple[object, str | None], tuple[str, ...]]:
    with catalogue_path("de").open("rb") as file:
        catalogue = read_po(file, locale="de")
    assert not [message.id for message in catalogue if message.fuzzy and message.id]
    return {
        (message.id if isinstance(message.id, str) else tuple(message.id), message.context): (
            (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        )
        for message in catalogue
        if message.id
    }


def test_every_text_of_the_source_is_translated() -> None:
    german = _german()
    texts = {(text, context) for text, context, _place in texts_in_source()}
    assert len(texts) > 100
    assert [text for text in sorted(texts, key=str) if not all(german.get(text, ("",)))] == []


def test_nobody_is_called_sie() -> None:
    formal = [words for words in _german().values() if any(FORMAL.search(word) for word in words)]
    assert formal == []


def test_translations_name_no_placeholder_that_is_not_there() -> None:
    for (text, _context), words in _german().items():
        known = set(PLACEHOLDER.findall(text if isinstance(text, str) else str(text[-1])))  # type: ignore[index]
        assert set(PLACEHOLDER.findall(words[-1])) <= known, text
