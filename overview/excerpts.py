"""What of a found message is shown: the words around the first one that was looked for, and those marked."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

from messaging.markdown import plain
from messaging.models import Message
from overview.typed import Term

#: Units: characters.
LONGEST = 220
BEFORE = 60

_WORD = re.compile(r"[^\W_]+")

Forms = dict[str, set[str]]


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    is_marked: bool = False


def excerpts(messages: Sequence[Message], terms: Sequence[Term], *, is_going_on: bool) -> list[list[Piece]]:
    """For each message what is shown of it. One query: what counts as the same word, PostgreSQL knows."""
    texts = [plain(message.html) for message in messages]
    sought = [word.lower() for term in terms for word in _WORD.findall(term.text)]
    begun = sought[-1] if sought and is_going_on else None
    forms = _forms({word.lower() for text in texts for word in _WORD.findall(text)} | set(sought)) if sought else {}
    wanted = {form for word in sought for form in forms[word]}
    marked = {word for word in forms if forms[word] & wanted or (begun and word.startswith(begun))}
    return [_excerpt(text, marked) for text in texts]


def _forms(words: Iterable[str]) -> Forms:
    """Each word with its stems, as the index has them. Stop words have none."""
    stems = "SELECT word, ts_lexize('german_stem', word), ts_lexize('english_stem', word) FROM unnest(%s::text[]) word"
    with connection.cursor() as cursor:
        cursor.execute(stems, [list(words)])
        return {word: {word, *(german or ()), *(english or ())} for word, german, english in cursor.fetchall()}


def _excerpt(text: str, marked: set[str]) -> list[Piece]:
    found = [match.span() for match in _WORD.finditer(text) if match[0].lower() in marked]
    start = _start(text, found[0][0] if found else 0)
    end = _end(text, start)
    pieces = [Piece("… ")] if start else []
    at = start
    for first, last in found:
        if last > end:
            break
        pieces += [Piece(text[at:first]), Piece(text[first:last], is_marked=True)]
        at = last
    pieces.append(Piece(text[at:end]))
    if end < len(text):
        pieces.append(Piece(" …"))
    return [piece for piece in pieces if piece.text]


def _start(text: str, first: int) -> int:
    """At a word, a little before the first one found."""
    if first <= BEFORE:
        return 0
    blank = text.find(" ", first - BEFORE, first)
    return first - BEFORE if blank < 0 else blank + 1


def _end(text: str, start: int) -> int:
    if len(text) <= start + LONGEST:
        return len(text)
    blank = text.rfind(" ", start + LONGEST // 2, start + LONGEST)
    return start + LONGEST if blank < 0 else blank
