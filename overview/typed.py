"""What somebody typed into the search: words, phrases, and where, from whom and when."""

import re
from dataclasses import dataclass, field

from messaging.words import pieces_of, signs_of

LONGEST = 200
#: More words than anybody remembers of a message; each costs a look into the index.
MOST_TERMS = 8

_KEYS = {
    "from": "sender",
    "von": "sender",
    "in": "room",
    "before": "before",
    "vor": "before",
    "after": "after",
    "nach": "after",
}
_PART = re.compile(rf'(?:({"|".join(_KEYS)}):\s*)?(?:"([^"]*)"?|([^\s"]+))', re.IGNORECASE)
_QUOTES = str.maketrans(dict.fromkeys("„“”«»", '"'))


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or several in their order; or what is a word by its picture alone."""

    text: str


@dataclass(slots=True)
class Typed:
    terms: list[Term] = field(default_factory=list)
    #: Shape: sender, room, before or after → what stood behind it.
    filters: dict[str, str] = field(default_factory=dict)
    #: The last word may go on: whoever typed it has not put a blank behind it.
    is_going_on: bool = False
    #: Something of it was neither word nor sign, and is left out.
    has_rest: bool = False

    @property
    def has_too_many_terms(self) -> bool:
        return len(self.terms) > MOST_TERMS


def understand(text: str) -> Typed:
    """`suppe "am Tisch" from:mira in:"Gute Momente" before:24.12.2026`, in German words too; of several of a kind the
    last one counts. What is no such word is looked for as it stands.
    """
    typed = Typed()
    text = text.translate(_QUOTES)
    for part in _PART.finditer(text):
        key, quoted, word = part.groups()
        said = (quoted if quoted is not None else word).strip()
        typed.is_going_on = False
        if key:
            typed.filters[_KEYS[key.lower()]] = said
        elif said.removesuffix(":").lower() in _KEYS and said.endswith(":"):
            continue  # "from:" with nothing behind it yet
        elif pieces_of(said) or signs_of(said):
            typed.terms.append(Term(said))
            typed.is_going_on = quoted is None and part.end() == len(text)
        elif said:
            typed.has_rest = True
    return typed
