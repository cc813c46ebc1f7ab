"""The keys that are in no database and in no backup of one, to print and put away."""

import hashlib
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from core.sealing import key_id

GROUP = 4


@dataclass(frozen=True, slots=True)
class Key:
    """`mark` tells whether it was typed correctly; `groups` are the key itself, in pieces that can be read aloud."""

    name: str
    mark: str
    what_for: str
    groups: list[str]


def key_sheet() -> list[Key]:
    """All that is needed beside the database. Of several seal keys the newest comes first, as in the setting."""
    seal = _("Opens what is sealed: secrets of second factors and the password of the mail server. Lost is lost.")
    older = _("Seals nothing new, but still opens what was sealed with it.")
    keys = [
        Key("KREIS_SEAL_KEY", key_id(key), older if number else seal, _grouped(key))
        for number, key in enumerate(settings.SEAL_KEYS)
    ]
    secret = _("Signs who is signed in, and invitations. With another one all are signed out and open links end.")
    return [*keys, Key("KREIS_SECRET_KEY", _mark(settings.SECRET_KEY), secret, _grouped(settings.SECRET_KEY))]


def as_text() -> str:
    """For the terminal and for files."""
    blocks = []
    for key in key_sheet():
        rows = [" ".join(key.groups[start : start + 8]) for start in range(0, len(key.groups), 8)]
        blocks.append("\n".join([f"{key.name}  ({key.mark})", key.what_for, *(f"    {row}" for row in rows)]))
    note = _("Written in groups of four. Without the blanks between them it is the value of the setting.")
    return "\n\n".join([*blocks, note]) + "\n"


def _grouped(key: str) -> list[str]:
    return [key[start : start + GROUP] for start in range(0, len(key), GROUP)]


def _mark(key: str) -> str:
    return hashlib.sha256(b"kreis secret key " + key.encode()).hexdigest()[:8]
