"""What of a found message is shown: the words around the first one that was looked for, and those marked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from messaging.markdown import plain
from messaging.models import Message
from messaging.words import WRITTEN, bare, pieces_of, signs_of
from overview.typed import Term

#: Units: characters.
LONGEST = 220
BEFORE = 60

#: Of each language, the stems of a word; none of a stop word, for which the index keeps a gap.
Stems = tuple[set[str], set[str]]


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    is_marked: bool = False


def excerpts(messages: Sequence[Message], terms: Sequence[Term], *, is_going_on: bool) -> list[list[Piece]]:
    """For each message what is shown of it. One query: what counts as the same word, PostgreSQL knows."""
    texts = [plain(message.html) for message in messages]
    sought = [[word.lower() for word in pieces_of(term.text)] for term in terms]
    signs = {sign for term in terms for sign in signs_of(term.text)}
    begun = len(sought) - 1 if is_going_on else None
    stems = _stems({word.lower() for text in texts for word in pieces_of(text)}.union(*sought)) if sought else {}
    return [_excerpt(text, _marks(text, sought, begun, signs, stems)) for text in texts]


def _stems(words: Iterable[str]) -> dict[str, Stems]:
    lexemes = (
        "SELECT word, ts_lexize('german_stem', word), ts_lexize('english_stem', word) FROM unnest(%s::text[]) word"
    )
    with connection.cursor() as cursor:
        cursor.execute(lexemes, [list(words)])
        return {word: (set(german or ()), set(english or ())) for word, german, english in cursor.fetchall()}


def _marks(
    text: str, sought: Sequence[Sequence[str]], begun: int | None, signs: set[str], stems: Mapping[str, Stems]
) -> list[tuple[int, int]]:
    """Where what is sought stands: words only where all of their term stand there, in their order."""
    marks = {match.span() for match in WRITTEN.finditer(text) if match[0] in signs}
    written = [match.span() for match in WRITTEN.finditer(text) if pieces_of(match[0])]
    words = [bare(text[first:end]).lower() for first, end in written]
    for number, term in enumerate(sought):
        for at in range(len(words) - len(term) + 1 if term else 0):
            stretch = words[at : at + len(term)]
            if _stands(stretch, term, number == begun, stems):
                marks.update(written[at + place] for place in _same(stretch, term, number == begun, stems))
    return sorted(marks)


def _stands(words: Sequence[str], term: Sequence[str], is_begun: bool, stems: Mapping[str, Stems]) -> bool:
    """As they are; or in one language, in which a stop word, if it is neither first nor last, may be any other."""
    if words[:-1] == term[:-1] and _begins(words[-1], term[-1], is_begun):
        return True
    for language in (0, 1):
        pairs = [(stems[word][language], stems[wanted][language]) for word, wanted in zip(words, term, strict=True)]
        if pairs[0][1] and pairs[-1][1] and all(not wanted or word & wanted for word, wanted in pairs):
            return True
    return False


def _same(words: Sequence[str], term: Sequence[str], is_begun: bool, stems: Mapping[str, Stems]) -> list[int]:
    return [
        place
        for place, (word, wanted) in enumerate(zip(words, term, strict=True))
        if any(one & other for one, other in zip(stems[word], stems[wanted], strict=True))
        or _begins(word, wanted, is_begun and place == len(term) - 1)
    ]


def _begins(word: str, wanted: str, is_begun: bool) -> bool:
    return word.startswith(wanted) if is_begun else word == wanted


def _excerpt(text: str, found: Sequence[tuple[int, int]]) -> list[Piece]:
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
