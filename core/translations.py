"""Our catalogues: made from the source and compiled without gettext's tools (babel does both)."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

#: What a word is called by in source: gettext's own names and Django's `_`.
_KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
_FOLDERS = ("accounts", "communities", "config", "core", "messaging", "operations", "overview", "realtime")

Found = tuple[str | tuple[str, str], str | None, str]


def catalogue_path(language: str) -> Path:
    return Path(settings.BASE_DIR) / "locale" / language / "LC_MESSAGES" / "django.po"


def compile_catalogues() -> list[Path]:
    """Compile each catalogue that is newer than what was made of it. Returns what was written."""
    written = []
    for language, _name in settings.LANGUAGES:
        source = catalogue_path(language)
        target = source.with_suffix(".mo")
        if not source.exists() or (target.exists() and target.stat().st_mtime >= source.stat().st_mtime):
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=language)
        part = target.with_suffix(".mo.part")
        with part.open("wb") as file:
            write_mo(file, catalogue)
        part.replace(target)  # never half a catalogue under the name that Django reads
        written.append(target)
    return written


def update_catalogue(language: str) -> Catalog:
    """Bring a catalogue up to date with the source: new texts empty, unused ones gone, nothing guessed."""
    path = catalogue_path(language)
    old = Catalog(locale=language)
    if path.exists():
        with path.open("rb") as file:
            old = read_po(file, locale=language)
    new = Catalog(locale=language, project="Kreis", version="0", fuzzy=False)
    for message_id, context, place in texts_in_source():
        known = old.get(message_id, context)
        translation = known.string if known else ""
        new.add(message_id, translation or "", locations=[(place, None)], context=context)  # type: ignore[list-item]
    for message in old:
        # Words of Django and allauth that we say differently stand in no source of ours: kept by their mark.
        if (message.id and "overrides" in message.flags) or "house-override" in message.user_comments:
            new.add(message.id, message.string, context=message.context, user_comments=message.user_comments)
    with io.BytesIO() as buffer:
        write_po(buffer, new, sort_output=True, width=110, omit_header=False)
        path.write_bytes(_without_dates(buffer.getvalue()))
    return new


def texts_in_source() -> Iterator[Found]:
    """Shape: (message id or pair of singular and plural, context, file)."""
    root = Path(settings.BASE_DIR)
    for folder in _FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            with path.open("rb") as file:
                yield from _found(extract("python", file, _KEYWORDS), path.relative_to(root))
    for path in sorted((root / "templates").rglob("*.*")):
        if path.suffix not in {".html", ".txt"}:
            continue
        code = _calls_only(templatize(path.read_text()))
        yield from _found(extract("python", io.BytesIO(code.encode()), _KEYWORDS), path.relative_to(root))


def _calls_only(text: str) -> str:
    """The gettext calls of templatize's output, one a line: what stands between them is blanked-out template."""
    call = r"""(?<!\w)(?:n?p?gettext|_)\((?:\s*u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[\w.]+)\s*,?)+\)"""
    return "\n".join(re.findall(call, text))


def _found(messages: Any, place: Path) -> Iterator[Found]:
    for _line, message, _comments, context in messages:
        yield (message if isinstance(message, str) else (message[0], message[1])), context, place.as_posix()


def _without_dates(text: bytes) -> bytes:
    """Dates and tool versions in the header would change with every run and hide real changes."""
    return re.sub(
        rb'"(?:POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Language-Team)[^\n]*\n', b"", text
    )
