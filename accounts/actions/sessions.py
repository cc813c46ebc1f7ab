"""Signing out from elsewhere."""

import json
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone

from accounts.devices import DEVICE
from accounts.known_devices import forget_other_devices
from accounts.letters.changes import may_shut_out, tell_of_shut_out
from accounts.models import KnownDevice, Session, User
from accounts.sessions import began_since
from accounts.signals import session_ended

#: A sign-in, a reset or a change of address that waits for a code or a second factor runs out before that.
HALF_DONE = timedelta(hours=2)


@transaction.atomic
def end_session(*, user: User, session_key: str) -> bool:
    """Sign this person out on one of their devices; its open pages end at once. Returns whether it was theirs.

    The only way to end a session from elsewhere: a row that is merely deleted leaves its sockets for a minute. The
    device counts as a new one from then on.
    Emits: session_ended.
    """
    row = Session.objects.filter(pk=session_key, account=user).first()
    if row is None or not Session.objects.filter(pk=session_key).delete()[0]:
        return False
    KnownDevice.objects.filter(user=user, mark=known_mark(row)).delete()
    told = partial(session_ended.send, sender=Session, user_id=user.pk, session_key=session_key)
    transaction.on_commit(told, robust=True)
    return True


@transaction.atomic
def end_other_sessions(*, user: User, but: str | None) -> int:
    """Sign this person out everywhere except in one session. How many there were. Emits: session_ended.

    What somebody has begun elsewhere, with this account, and not finished ends as well.
    """
    kept = Session.objects.filter(pk=but, account=user).first()
    others = Session.objects.filter(account=user).exclude(pk=but).values_list("pk", flat=True)
    ended = sum(end_session(user=user, session_key=key) for key in list(others))
    forget_other_devices(user, but=known_mark(kept) if kept else "")
    _end_half_done(user, but)
    return ended


@transaction.atomic
def shut_out(*, user: User, link: str) -> bool:
    """By the link in a letter about a changed password or factor: all sessions end, the password is void, factors
    stay. Returns whether this call did it: the link works once.

    Emits: session_ended.
    """
    user = User.objects.select_for_update().get(pk=user.pk)  # a second click waits here, and finds another password
    if not may_shut_out(user, link):
        return False
    user.set_unusable_password()
    user.save(update_fields=["password"])
    end_other_sessions(user=user, but=None)
    transaction.on_commit(partial(tell_of_shut_out, user), robust=True)
    return True


def known_mark(row: Session) -> str:
    """By which the browser of a session is known, or ""."""
    mark = row.get_decoded().get(DEVICE, {}).get("known", "")
    return mark if isinstance(mark, str) else ""


def _end_half_done(user: User, but: str | None) -> None:
    """Whoever has proven one thing, and shall yet prove another, begins anew: the first no longer counts.

    Such a session belongs to no account yet; whose it would be stands inside it only. It is of the last hours, so
    these are opened and no others.
    """
    names = (str(user.pk), user.pk.hex)
    recent = began_since(timezone.now() - HALF_DONE).exclude(pk=but).exclude(account=user)
    for row in recent.iterator():
        said = json.dumps(row.get_decoded())
        if any(name in said for name in names):
            row.delete()
