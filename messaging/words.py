"""The words of messages, as PostgreSQL's full text search looks at them (docs/decisions/0010-search.md)."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.search import SearchVectorField
from django.db.models import F, Func, GeneratedField

#: Raised whenever `_EXPRESSION` changes; `makemigrations` then asks for a migration, and a test for its SQL.
VERSION = 1
#: A message may be in German or English, or be a name: each word is kept as it stands and as both stems.
CONFIGS = ("simple", "german", "english")

# What stands between words, what counts for nothing in them, and what is a word by its picture alone. Not left to
# PostgreSQL's parser: it takes "Kaffee/Tee" for a file, "<Suppe>" for a mark and, by the locale, 🎉 or “ for a letter.
# Shape: the inside of a bracket, read alike by Python and PostgreSQL.
_SIGNS = r"\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001f3fa\U0001f400-\U0001fbff"
_NOTHING = (
    r"\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20e3\ufe00-\ufe0f\ufeff"
    r"\U0001f3fb-\U0001f3ff\U000e0000-\U000e01ef"
)
_BETWEEN = (
    r"\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab\u00ac\u00ae-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf"
    r"\u00d7\u00f7\u037e\u0387\u055a-\u055f\u0589\u058a\u05be\u060c\u061b\u061f\u066a-\u066d\u06d4\u0964\u0965\u1680"
    r"\u2000-\u200a\u2010-\u2029\u202f-\u205f\u20a0-\u20cf\u2122\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u30fb"
    r"\ufe10-\ufe1f\ufe30-\ufe6f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\ufffc\ufffd"
) + _SIGNS
_nothing, _sign = re.compile(f"[{_NOTHING}]"), re.compile(f"[{_SIGNS}]")
#: A word as it is written, or a sign.
WRITTEN = re.compile(f"[^{_BETWEEN}]+|[{_SIGNS}]")

#: Stands before a room's id among the words. In a text it stands between words, so nobody can write it.
ROOM = "\x01"
_TEXT = f"regexp_replace(normalize(regexp_replace(%(text)s, '[{_NOTHING}]', '', 'g'), NFC), '[{_BETWEEN}]+', ' ', 'g')"
# Far apart, so that no phrase goes from the end of one language into the beginning of the next.
_APART = " || $$' ':256$$::tsvector || "
_STEMMED = _APART.join(f"to_tsvector('{config}'::regconfig, {_TEXT})" for config in CONFIGS)
_EXPRESSION = (
    f"ts_delete({_STEMMED}, ' ')"
    f" || array_to_tsvector(string_to_array(regexp_replace(%(text)s, '[^{_SIGNS}]+', '', 'g'), NULL))"
    " || array_to_tsvector(ARRAY[chr(1) || %(room)s::text])"
)


class WordsField(GeneratedField):
    """Made by the database from the text. The room is one of the words: so a search goes to those of a few rooms at
    once, instead of through all that were ever written.
    """

    #: Nobody reads it back: an INSERT need not return what was made.
    db_returning = False  # type: ignore[assignment]

    def __init__(self, *, version: int = VERSION, **options: Any) -> None:
        options |= {"expression": _AllWords(F("text"), F("room_id"), version=version)}
        super().__init__(**options, output_field=SearchVectorField(), db_persist=True)
        self.version = version

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, options = super().deconstruct()
        for made in ("expression", "output_field", "db_persist"):
            options.pop(made)
        return name, path, args, {**options, "version": self.version}


class _AllWords(Func):
    template = _EXPRESSION

    def __init__(self, *sources: F, version: int) -> None:
        super().__init__(*sources)
        self.version = version

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> Any:  # type: ignore[override]
        if self.version != VERSION:
            # How it was, its migration says. Other than now it was: Django then refuses a migration without SQL.
            return f"NULL::tsvector /* version {self.version} */", []
        text, room = (compiler.compile(source)[0] for source in self.get_source_expressions())
        return self.template % {"text": text, "room": room}, []


# ---- The same in Python ----


def bare(word: str) -> str:
    """A word as the index has it, but for its case and stems."""
    return unicodedata.normalize("NFC", _nothing.sub("", word))


def pieces_of(text: str) -> list[str]:
    """The words of a text, as the index tells them apart."""
    return [piece for word in WRITTEN.findall(text) if not _sign.fullmatch(word) and (piece := bare(word))]


def signs_of(text: str) -> list[str]:
    """What of a text is looked for by its picture: 🎉 and the like."""
    return _sign.findall(text)
