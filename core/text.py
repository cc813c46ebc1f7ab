"""Text from people: what is refused before anything is stored, and when two names look alike."""

import re
import unicodedata

from confusable_homoglyphs import confusables
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Control characters except line feed and tab, and lone surrogates: PostgreSQL or JSON cannot carry them.
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_BIDI_CONTROLS = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def is_storable(text: str) -> bool:
    """Whether the database and a frame can carry the text as it is."""
    return _UNSTORABLE.search(text) is None


def tidy_name(name: str) -> str:
    """A name as it is stored: composed (NFC), without invisible characters, blanks folded.

    Raises: ValidationError where nothing visible is left or control characters stand in it.
    """
    name = unicodedata.normalize("NFC", name)
    if not is_storable(name):
        raise ValidationError(_("This name contains characters that cannot be shown."), code="unstorable")
    visible = "".join(
        " " if character.isspace() else character
        for character in _BIDI_CONTROLS.sub("", name)
        if unicodedata.category(character) not in {"Cf", "Cc", "Co", "Cn"} or character == "\u200d" or character.isspace()
    )
    visible = " ".join(visible.split()).strip("\u200d")
    if not any(unicodedata.category(character)[0] in "LN" for character in visible):
        raise ValidationError(_("A name needs at least one letter or digit."), code="empty")
    return visible


def skeleton(name: str) -> str:
    """What a name looks like: equal skeletons are names that people confuse.

    Case, accents' composition, blanks, punctuation, invisible characters and confusable letters do not count.
    Source: Unicode Technical Standard 39, section 4, with case folding on top.
    """
    folded = unicodedata.normalize("NFKD", name).casefold()
    letters = [c for c in folded if unicodedata.category(c)[0] in "LN"]
    return "".join(_prototype(c) for c in letters).casefold()


def _prototype(character: str) -> str:
    """The Latin letter or digit that stands for all that look like this one."""
    if character in _DIGITS:
        return _DIGITS[character]
    if character.isascii():
        return character
    found = confusables.is_confusable(character, greedy=False, preferred_aliases=["latin"])
    if found:
        for twin in found[0]["homoglyphs"]:
            plain = unicodedata.normalize("NFKD", twin["c"]).casefold()
            if len(plain) == 1 and plain.isascii() and plain.isalnum():
                return _DIGITS.get(plain, plain)
    return character


# Digits and letters that common typefaces draw alike.
_DIGITS = {"0": "o", "1": "l", "i": "l", "|": "l"}
