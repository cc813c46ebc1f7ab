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
# Digits and letters that common typefaces draw alike.
_TWINS = {"0": "o", "1": "l", "i": "l", "ɡ": "g", "ɑ": "a"}


def is_storable(text: str) -> bool:
    """Whether the database and a frame can carry the text as it is."""
    return _UNSTORABLE.search(text) is None


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
    if not skeleton(tidy):
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

    Case, blanks, punctuation, pictures, invisible characters, accents ("Ole" and "Olé" are alike) and the alphabet of
    look-alike letters do not count; vowel signs of scripts that write vowels as marks do. Letters that look alike only
    in pairs (rn and m) are out of scope. Names without Latin look-alikes keep their own letters, so that only names
    without any letter or digit have an empty skeleton.
    Source: Unicode Technical Standard 39, section 4, with case folding and dropped accents on top.
    """
    # Twice: folding may give composed letters, and composing anew may give letters that fold.
    folded = _fold(_fold(name))
    prototypes = "".join(_prototype(character) for character in folded if _counts(character))
    return unicodedata.normalize("NFC", prototypes)[:LONGEST_SKELETON]


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
def _prototype(character: str) -> str:
    """The Latin letter or digit that stands for all that look like this one."""
    # Capitals may look Latin where small letters do not (Cyrillic en); case must not matter, so both count.
    for shape in (character, character.upper()):
        latin = _latin(shape)
        if latin is not None:
            return _TWINS.get(latin, latin)
    return _TWINS.get(character, character)


def _latin(shape: str) -> str | None:
    if len(shape) != 1:
        return None
    if shape.isascii():
        return shape.lower()
    with_marks = _LATIN.fullmatch(unicodedata.name(shape, ""))
    if with_marks is not None:
        return with_marks[1].lower()
    found = confusables.is_confusable(shape, greedy=False, preferred_aliases=["latin"])
    for twin in found[0]["homoglyphs"] if found else ():
        plain = unicodedata.normalize("NFKD", twin["c"]).casefold()
        if len(plain) == 1 and plain.isascii() and plain.isalnum():
            return plain
    return None
