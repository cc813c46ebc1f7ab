"""The installation's settings, asked for on every page: kept in this process's memory for a few seconds."""

import time
from functools import partial
from threading import Lock
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models.signals import post_save

from core.models import Installation

#: How long another process may still show what was decided before. Units: seconds.
KEPT = 5.0

_lock = Lock()
_kept: Installation | None = None
_until = 0.0


def installation() -> Installation:
    """The one row; made where it is missing. Do not change what you get: read the row for that, with a lock."""
    global _kept, _until
    with _lock:
        if _kept is not None and time.monotonic() < _until:
            return _kept
    found, _is_new = Installation.objects.get_or_create(pk=Installation.ROW)
    keep(found)
    return found


def keep(row: Installation | None, seconds: float = KEPT) -> None:
    """Remember the row, or forget it."""
    global _kept, _until
    with _lock:
        _kept, _until = row, time.monotonic() + seconds


def known() -> Installation:
    """The same for pages that must not fail: while the database is away what was last known, else an empty row."""
    try:
        return installation()
    except DatabaseError:
        row = _kept or Installation()
        keep(row)  # so that one page waits for the database once, however often it asks
        return row


def site_name() -> str:
    """What the place is called. Never fails: error pages say it, too."""
    return known().name or settings.SITE_NAME


def _forget(**kwargs: Any) -> None:
    """What was saved here is seen here at once, and by other processes after some seconds.

    After the commit once more: who asked meanwhile was told, and remembered, what stood there before.
    """
    keep(None)
    transaction.on_commit(partial(keep, None), robust=True)


post_save.connect(_forget, sender=Installation, dispatch_uid="installation")
