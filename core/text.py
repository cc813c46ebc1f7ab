"""Text from people: what is refused before anything is stored, and when two names look alike."""

import re
import unicodedata
from functools import lru_cache

from confusable_homoglyphs import confusables
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

LONGEST_NAME = 40
LONGEST_SKELETON = 120
#: More combining marks on one letter only paint over the neighbours.
MOST_MARKS = 2

# Control characters except line feed and tab, and lone surrogates: PostgreSQL or JSON cannot carry them.
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
# Letters, marks and a symbol that are drawn as nothing; format characters (Cf) are told by their category.
_DRAWN_AS_NOTHING = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_LATIN = re.compile(r"LATIN (?:SMALL LETTER|CAPITAL LETTER|LETTER SMALL CAPITAL) ([A-Z])(?: WITH .+)?")
# Pictures of letters and digits that no decomposition takes apart: 🅰, 🅐, 🇦, ❶.
_PICTURED_LETTER = re.compile(
    r"(?:REGIONAL INDICATOR SYMBOL LETTER|(?:CROSSED )?NEGATIVE (?:SQUARED|CIRCLED) LATIN CAPITAL LETTER) ([A-Z])"
)
_PICTURED_DIGIT = re.compile(r".*CIRCLED (?:SANS-SERIF )?DIGIT (?:ZERO|ONE|TWO|THREE|FOUR|FIVE|SIX|SEVEN|EIGHT|NINE)")
_PICTURED_WORD = re.compile(r"(?:NEGATIVE )?SQUARED ([A-Z]{2,4})(?: WITH .+)?")
_WITH_PICTURED_WORDS = range(0x1F18E, 0x1F19B)  # 🆎 to 🆚
# Digits, signs and letters that common typefaces draw alike. The capital I is one of them (`_small`), the small i is
# not: its dot tells Elia from Ella.
_TWINS = {"0": "o", "1": "l", "|": "l"}
# Drawn as a letter, and not in the table of look-alikes, or there beside another: the small palochka has no dot.
_DRAWN_AS = {
    **dict.fromkeys("○◌◦◯⚪⚬⭕⭘🞅🞆🔘", "o"),
    **dict.fromkeys("✕✖✗✘❌❎🗙🞨🞩", "x"),
    **dict.fromkeys("│┃❘❙❚⎸⎹▏￤￨ǃ∣⏐\u04cf", "l"),
}


def is_storable(text: str) -> bool:
    """Whether the database and a frame can carry the text as it is."""
    return _UNSTORABLE.search(text) is None


def is_blank(text: str) -> bool:
    """Whether nothing of the text is drawn. What Unicode had not assigned when Python was built counts as drawn: it may
    be a new emoji.
    """
    return all(
        character.isspace()
        or unicodedata.category(character) in {"Cf", "Cc"}
        or _DRAWN_AS_NOTHING.fullmatch(character) is not None
        for character in text
    )


def tidy_lines(text: str) -> str:
    """One kind of line end; a browser's form sends two characters for each and would make a text longer than typed."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def tidy_name(name: str) -> str:
    """A name as it is stored: composed (NFC), nothing invisible in it, blanks folded, at most two marks on a letter.

    Raises: ValidationError where control characters stand in it, no letter or digit is left, or it is too long.
    """
    if not is_storable(name):
        raise ValidationError(_("This name contains characters that cannot be shown."), code="unstorable")
    spaced = "".join(" " if character.isspace() else character for character in name)
    visible = unicodedata.normalize("NFC", "".join(c for c in spaced if not _is_invisible(c)))
    tidy = unicodedata.normalize("NFC", " ".join(_limit_marks(visible).split()))
    if not any(_counts(character) for character in unicodedata.normalize("NFKD", tidy)):
        raise ValidationError(_("A name needs at least one letter or digit."), code="empty")
    if len(tidy) > LONGEST_NAME:
        raise ValidationError(_("This name is too long: 40 characters at most."), code="long")
    return tidy


def _is_invisible(character: str) -> bool:
    # Cn, Co: no typeface we ship knows them, and what Unicode makes of them later is open.
    return (
        unicodedata.category(character) in {"Cf", "Cc", "Co", "Cn", "Cs"}
        or _DRAWN_AS_NOTHING.fullmatch(character) is not None
    )


def _limit_marks(text: str) -> str:
    """Without marks that have nothing to stand on, and without the third and further ones."""
    kept: list[str] = []
    room = 0
    for character in text:
        if unicodedata.category(character)[0] != "M":
            room = 0 if character == " " else MOST_MARKS
        elif room == 0:
            continue
        else:
            room -= 1
        kept.append(character)
    return "".join(kept)


def skeleton(name: str) -> str:
    """What a name looks like: equal skeletons are names that people confuse.

    Blanks, punctuation, pictures, invisible characters, accents ("Ole" and "Olé" are alike) and the alphabet of
    look-alike letters do not count, nor does the case of Latin letters but I; signs that are drawn as a letter count
    as that letter; vowel signs of scripts that write vowels as marks count. Letters that look alike only in pairs (rn
    and m) are out of scope. Names without Latin look-alikes keep their own letters. That accents do not count also
    makes names alike that Vietnamese tells apart (Thu and Thư); this is accepted.

    Of letters whose capital looks like another letter than the small one does (Latin I like l; Greek Ν like N, ν like
    v), each keeps its look: one class for both would make "Elia" and "Ella", "Anna" and "Anya" alike. That case makes
    no other name, `spelling` sees to.
    Source: Unicode Technical Standard 39, section 4, with case folding and dropped accents on top.
    """
    return _composed("".join(_look(character) for character in unicodedata.normalize("NFD", name)))


def spelling(name: str) -> str:
    """The letters of a name whatever their case: who writes a name in capitals or hangs a sign on it has no other.

    Signs do not count, even those that are drawn as a letter; "Ada ×" is spelt like "Ada".
    """
    # Twice: folding may give composed letters, and composing anew may give letters that fold.
    return _composed("".join(_look(character) for character in _fold(_fold(name)) if _counts(character)))


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)[:LONGEST_SKELETON]


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())


def _counts(character: str) -> bool:
    if _is_invisible(character):
        return False
    kind = unicodedata.category(character)[0]
    called = unicodedata.name(character, "")
    if kind == "M":
        # Accents, and vowel points that one may leave out; but not the marks that make another syllable.
        return not called.startswith(("COMBINING", "ARABIC", "HEBREW")) or "KATAKANA" in called
    return kind in "LN" and not called.startswith("MODIFIER LETTER")


@lru_cache(maxsize=4096)
def _look(character: str) -> str:
    """The Latin letters or digits that stand for all that look like this one; itself, where none do."""
    latin = _latin(character) or _pictured(character)
    if latin is not None:
        return "".join(_TWINS.get(letter, letter) for letter in latin)
    # Only now: taking apart makes a sigma of the Ϲ that looks like C.
    parts = unicodedata.normalize("NFKD", character)
    if parts != character:
        return "".join(_look(part) for part in parts)
    if not _counts(character):
        return ""
    # Small letters of other alphabets are often drawn like small capitals (Cyrillic м).
    capital = _latin(character.upper())
    if capital is not None:
        return _TWINS.get(capital, capital)
    folded = unicodedata.normalize("NFKD", character.casefold())
    return folded if folded == character else "".join(_look(part) for part in folded)


def _latin(shape: str) -> str | None:
    if shape.isascii():
        return _small(shape) if len(shape) == 1 and (shape.isalnum() or shape in _TWINS) else None
    twin = _DRAWN_AS.get(shape) or _latin_twins().get(shape)
    if twin is not None:
        return twin
    with_marks = _LATIN.fullmatch(unicodedata.name(shape, "")) if len(shape) == 1 else None
    if with_marks is None:
        return None
    return _small(with_marks[1]) if "CAPITAL LETTER" in with_marks[0] else with_marks[1].lower()


def _small(letters: str) -> str:
    """Latin letters in lower case, but for the capital I: it is drawn as a small l."""
    return letters.replace("I", "l").lower()


@lru_cache(maxsize=1)
def _latin_twins() -> dict[str, str]:
    """Shape: character → the small letter or digit that stands for its Latin twin."""
    found: dict[str, str] = {}
    for listed, twins in confusables.confusables_data.items():
        # Letters written from right to left stand between marks of direction there.
        sign = listed.strip("\u200e\u200f")
        for twin in twins:
            plain = _small(twin["c"])
            if not sign.isascii() and len(plain) == 1 and plain.isascii() and plain.isalnum():
                found[sign] = plain
    return found


def _pictured(character: str) -> str | None:
    called = unicodedata.name(character, "")
    letter = _PICTURED_LETTER.fullmatch(called)
    if letter is None and ord(character) in _WITH_PICTURED_WORDS:
        letter = _PICTURED_WORD.fullmatch(called)
    if letter is not None:
        return _small(letter[1])
    return str(int(unicodedata.numeric(character))) if _PICTURED_DIGIT.fullmatch(called) else None
