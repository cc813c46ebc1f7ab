"""Browsers in which somebody signed in before, by a cookie that they keep (`core.familiar`). No more is measured."""

import hashlib

from django.http import HttpRequest
from django.utils import timezone

from accounts.models import KnownDevice, User
from core import familiar


def meet(request: HttpRequest, user: User) -> tuple[str, bool]:
    """Note that this person has signed in with this browser. Shape: its mark, and whether they did before.

    The cookie has to hold the account's mark, which nobody else can make, and the browser must not have been signed out
    from elsewhere since.
    """
    was_familiar = familiar.device_of(request, str(user.pk)) != ""
    mark = hashlib.sha256(f"{user.pk} {familiar.name_of(request)}".encode()).hexdigest()
    _row, is_new = KnownDevice.objects.update_or_create(
        user=user, mark=mark, defaults={"used_on": timezone.localdate()}
    )
    return mark, was_familiar and not is_new


def forget_other_devices(user: User, but: str = "") -> None:
    """Whoever signs in from one of them next is told of."""
    KnownDevice.objects.filter(user=user).exclude(mark=but).delete()
