"""Sessions in the database, under keys that it can hold, each beside the account that is signed in with it."""

import hashlib
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import OperationalError
from django.utils import timezone

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import Session


class SessionStore(DatabaseSessions):
    """A cookie holds whatever somebody wrote into it. What is no key of ours is none, and the database is not asked:
    over a NUL it would raise, and every page would be an error for as long as that cookie stays.
    """

    #: From where it was used last, as the row has it; kept when the row is written anew.
    network = ""

    @classmethod
    def get_model_class(cls) -> "type[Session]":
        from accounts.models import Session  # it stands on `AbstractBaseSession`, which asks for this module

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        row = super().create_model_instance(data)
        row.account_id = data.get(SESSION_KEY)  # type: ignore[attr-defined]  # a row of ours
        row.network = self.network if SESSION_KEY in data else ""  # type: ignore[attr-defined]
        return row

    def _get_session_from_db(self) -> "Session | None":
        row: Session | None = super()._get_session_from_db()  # type: ignore[misc]  # the stubs leave it out
        self.network = row.network if row is not None else ""
        today = timezone.localdate()
        if row is not None and row.used_on != today:
            # The day, and once a day: when exactly somebody was here is not kept.
            with suppress(OperationalError):  # a disk without room takes no note, and pages can be read all the same
                self.get_model_class().objects.filter(pk=row.pk).update(used_on=today)
        return row

    def _validate_session_key(self, key: str | None) -> bool:
        return key is not None and key.isascii() and key.isalnum() and 8 <= len(key) <= 40


def began_since(moment: datetime) -> "QuerySet[Session]":
    """Sessions that were written to since then, judged by when they run out."""
    from accounts.models import Session

    return Session.objects.filter(expire_date__gt=moment + timedelta(seconds=settings.SESSION_COOKIE_AGE))


def session_mark(session_key: str) -> str:
    """What names a session, on the bus or on a page, without being one. "" stays ""."""
    return hashlib.sha256(session_key.encode()).hexdigest() if session_key else ""
