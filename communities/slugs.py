"""A community's part of the address: what it may look like, and which ones are free."""

import re
import secrets
import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from communities.models import Community

SHORTEST, LONGEST = 2, 40
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
#: Nobody's: they would look like pages of the place itself. Told in the same words as those that are taken.
_RESERVED = re.compile(
    "account|accounts|admin|api|c|communities|demo|health|help|home|i|imprint|invitations|join|kreis|login|me|new"
    "|notice|operations|people|privacy|rooms|root|rules|security|settings|setup|static|support|terms|www"
)


def slug_of(text: str) -> str:
    """What an address for this name would be; "" where nothing of it can stand in one."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_GERMAN))
    letters = "".join(character for character in plain if not unicodedata.combining(character))
    return "-".join(re.findall(r"[a-z0-9]+", letters))[:LONGEST].strip("-")


def check_slug(slug: str, *, own: Any = None) -> None:
    """`own` is the id of the community that may keep its address.

    Raises: ValidationError with one that can be used. Whether it is taken, perhaps by a secret community, or nobody's
    to take is not told.
    """
    joined = slug_of(slug)
    if re.search(r"\s", slug):
        sentence = _("Addresses have no spaces. Try %(one)s or %(other)s.")
        raise ValidationError(sentence % {"one": joined, "other": joined.replace("-", "")}, code="spaces")
    if not SHORTEST <= len(slug) <= LONGEST:
        raise ValidationError(_("An address has 2 to 40 characters."), code="length")
    if not _SLUG.fullmatch(slug):
        reason = _("An address has only the letters a to z, digits, and hyphens between them.")
        tip = _("Try %(one)s.") % {"one": joined} if len(joined) >= SHORTEST else ""
        raise ValidationError(f"{reason} {tip}".strip(), code="signs")
    if not _is_free(slug, own):
        raise unusable(slug)


def unusable(slug: str) -> ValidationError:
    sentence = _("This address cannot be used. Try %(one)s.")
    return ValidationError(sentence % {"one": free_slug(slug)}, code="taken")


def free_slug(name: str) -> str:
    """An address for this name that can be used. With a number by chance: counting up would tell how many there are."""
    wanted = slug_of(name)
    if len(wanted) >= SHORTEST and _is_free(wanted, None):
        return wanted
    while True:
        slug = f"{wanted[: LONGEST - 4].strip('-') or 'kreis'}-{secrets.randbelow(900) + 100}"
        if _is_free(slug, None):
            return slug


def _is_free(slug: str, own: Any) -> bool:
    return not _RESERVED.fullmatch(slug) and not Community.objects.filter(slug=slug).exclude(pk=own).exists()
