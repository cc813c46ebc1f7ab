"""Browsers in which somebody signed in before, by a cookie that they keep (`core.familiar`). No more is measured."""

import hashlib
import uuid
from contextlib import suppress

from django.db.models.functions import Lower
from django.http import HttpRequest
from django.utils import timezone

from accounts.devices import DEVICE
from accounts.models import KnownDevice, User
from core import familiar

#: So many of one account; the oldest give way. Each has a share of its own in the limits on guessing.
MOST = 20


def meet(request: HttpRequest, user: User) -> bool:
    """Note, in the session too, that this person has signed in with this browser. Returns whether they did before.

    The cookie has to hold the account's mark, which nobody else can make, and the browser must not have been signed out
    from elsewhere since.
    """
    was_familiar = familiar.device_of(request, str(user.pk)) != ""
    mark = _mark(user.pk, familiar.name_of(request))
    _row, is_new = KnownDevice.objects.update_or_create(
        user=user, mark=mark, defaults={"used_on": timezone.localdate()}
    )
    if is_new:
        newest = KnownDevice.objects.filter(user=user).order_by("-used_on", "-pk")
        KnownDevice.objects.filter(pk__in=list(newest.values_list("pk", flat=True)[MOST:])).delete()
    request.session[DEVICE] = request.session.get(DEVICE, {}) | {"known": mark}
    return was_familiar and not is_new


@familiar.watch
def is_known(device: str, account: str) -> bool:
    """Whether that browser is on the account's list; `account` as limits call it, by address or by id."""
    with suppress(ValueError):
        person = uuid.UUID(account)
        return KnownDevice.objects.filter(user=person, mark=_mark(person, device)).exists()
    named = User.objects.alias(spelled=Lower("email")).filter(spelled=account)
    rows = KnownDevice.objects.filter(user__in=named).values_list("user", "mark")
    return any(mark == _mark(person, device) for person, mark in rows)


def forget_other_devices(user: User, but: str = "") -> None:
    """Whoever signs in from one of them next is told of, and it has no share of its own in the limits any more."""
    KnownDevice.objects.filter(user=user).exclude(mark=but).delete()


def _mark(person: uuid.UUID, device: str) -> str:
    return hashlib.sha256(f"{person} {device}".encode()).hexdigest()
