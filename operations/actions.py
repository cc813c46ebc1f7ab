"""What whoever runs the place can decide. Each act is noted in the log."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.models import Installation
from operations.models import LogEntry

#: What may be changed by which act.
FIELDS: Mapping[str, frozenset[str]] = {
    LogEntry.Act.ACCESS: frozenset({"sign_up", "founders"}),
    LogEntry.Act.PLACE: frozenset({"name", "language"}),
    LogEntry.Act.IMPRINT: frozenset({"contact", "imprint_de", "imprint_en"}),
    LogEntry.Act.PRIVACY: frozenset({"privacy_de", "privacy_en"}),
    LogEntry.Act.TERMS: frozenset({"terms_de", "terms_en"}),
}
#: Those whose value the log may hold: one of a few, nobody's words.
_CHOICES = frozenset({"sign_up", "founders", "language"})


def check_operator(actor: User) -> None:
    """Raises: PermissionDenied for everybody who does not run the place, by the row as it is now."""
    if not User.objects.filter(pk=actor.pk, is_operator=True, is_active=True).exists():
        raise PermissionDenied


@transaction.atomic
def change_settings(*, actor: User, act: str, values: Mapping[str, str], is_private: bool | None = None) -> bool:
    """Change some of the installation's settings. Returns whether anything was another one before.

    `is_private` declares the place purely private, or takes that back; None leaves it. Once declared, the day stays.
    Raises: PermissionDenied; ValueError for fields that are not of this act.
    """
    check_operator(actor)
    if not set(values) <= FIELDS[act]:
        raise ValueError("Not a field of this act.")
    row = Installation.objects.select_for_update().get_or_create(pk=Installation.ROW)[0]
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    details: dict[str, Any] = {name: value if name in _CHOICES else True for name, value in changed.items()}
    if is_private is not None and is_private != (row.private_since is not None):
        changed["private_since"] = timezone.now() if is_private else None  # type: ignore[assignment]
        details["private"] = is_private
    if not changed:
        return False
    for name, value in changed.items():
        setattr(row, name, value)
    row.full_clean()
    row.save(update_fields=list(changed))
    note(actor=actor, act=act, details=details)
    return True


def note(*, actor: User | None, act: str, details: Mapping[str, Any] | None = None) -> None:
    """Put down that an operator did something. In the transaction of what was done."""
    LogEntry.objects.create(actor=actor, act=act, details=dict(details or {}))
