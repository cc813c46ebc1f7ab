"""What can be done with second factors. Each act tells allauth's signals and the person's mailbox, on commit.

The request goes along because the signals and the mails say from where it was done.
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.models import EmailAddress
from allauth.mfa import signals
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.factors import secrets
from accounts.models import User
from core import throttle
from core.sealing import SealBroken

logger = logging.getLogger(__name__)

Type = Authenticator.Type
MOST_PASSKEYS = 20


def check_add_factor(user: User) -> None:
    """Raises: ValidationError while an address waits for its code: somebody else's could be locked out by it."""
    if EmailAddress.objects.filter(user=user, verified=False).exists():
        raise get_adapter().validation_error("unverified_email")


def check_change_factor(request: HttpRequest, user: User) -> None:
    """Each is mailed. Raises: Throttled."""
    throttle.enforce(request, "change_factor", account=user.pk)


@transaction.atomic
def add_passkey(*, request: HttpRequest, user: User, name: str, credential: dict[str, Any]) -> Authenticator:
    """A passkey that the browser has made. Raises: ValidationError where there are too many.

    Emits: authenticator_added.
    """
    check_add_factor(user)
    check_change_factor(request, user)
    _lock(user)
    if Authenticator.objects.filter(user=user, type=Type.WEBAUTHN).count() >= MOST_PASSKEYS:
        raise get_adapter().validation_error("passkeys_enough")
    data = {"name": name, "credential": credential}
    made: Authenticator = Authenticator.objects.create(user=user, type=Type.WEBAUTHN, data=data)
    _tell(signals.authenticator_added, request, user, made, "webauthn_added")
    return made


def rename_passkey(*, passkey: Authenticator, name: str) -> None:
    passkey.data["name"] = name
    passkey.save(update_fields=["data"])


@transaction.atomic
def activate_app(*, request: HttpRequest, user: User, secret: str, step: int) -> bool:
    """The authenticator app whose digits were right at `step`. False where there is one already (two tabs).

    Emits: authenticator_added.
    """
    check_add_factor(user)
    check_change_factor(request, user)
    _lock(user)
    if Authenticator.objects.filter(user=user, type=Type.TOTP).exists():
        return False
    data = {"secret": secrets.seal_secret(user, secret), "step": step}
    made = Authenticator.objects.create(user=user, type=Type.TOTP, data=data)
    _tell(signals.authenticator_added, request, user, made, "totp_activated")
    return True


@transaction.atomic
def make_recovery_codes(*, request: HttpRequest, user: User) -> list[str]:
    """New codes; older ones work no more. They can be read now and never again. None without another factor.

    Emits: authenticator_added for the first ones, authenticator_reset for later ones.
    """
    _lock(user)
    if not Authenticator.objects.filter(user=user, type__in=[Type.TOTP, Type.WEBAUTHN]).exists():
        return []
    codes = secrets.new_codes()
    data = {"fingerprints": [secrets.fingerprint_of(user, code) for code in codes], "kept_at": None}
    fields = {"data": data, "created_at": timezone.now(), "last_used_at": None}
    made, is_first = Authenticator.objects.update_or_create(user=user, type=Type.RECOVERY_CODES, defaults=fields)
    if is_first:
        _tell(signals.authenticator_added, request, user, made)
    else:
        _tell(signals.authenticator_reset, request, user, made, "recovery_codes_generated")
    return codes


@transaction.atomic
def note_that_codes_are_kept(*, user: User) -> None:
    """The person says that they have printed them or written them down."""
    for row in Authenticator.objects.select_for_update().filter(user=user, type=Type.RECOVERY_CODES):
        row.data["kept_at"] = timezone.now().isoformat(timespec="seconds")
        row.save(update_fields=["data"])


@transaction.atomic
def remove_factor(*, request: HttpRequest, factor: Authenticator) -> None:
    """Take a passkey or the app away; with the last of them go the recovery codes, which replace nothing any more.

    Emits: authenticator_removed.
    """
    user = factor.user
    check_change_factor(request, user)
    _lock(user)
    if not Authenticator.objects.filter(pk=factor.pk).delete()[0]:
        return  # two tabs
    kind = "webauthn_removed" if factor.type == Type.WEBAUTHN else "totp_deactivated"
    _tell(signals.authenticator_removed, request, user, factor, kind)
    left = list(Authenticator.objects.filter(user=user))
    if left and all(other.type == Type.RECOVERY_CODES for other in left):
        for codes in left:
            codes.delete()
            _tell(signals.authenticator_removed, request, user, codes)


@transaction.atomic
def use_digits(*, user: User, digits: str) -> Authenticator | None:
    """The app, if these are its digits of now and nobody has used them. The row is locked: twice at once is once."""
    for row in Authenticator.objects.select_for_update().filter(user=user, type=Type.TOTP):
        try:
            secret = secrets.unseal_secret(user, row.data["secret"])
        except SealBroken:
            # The key was lost, or the row is somebody else's: no digits fit, and whoever runs the place has to know.
            logger.error("The secret of an authenticator app cannot be read: is KREIS_SEAL_KEY complete?")
            continue
        step = secrets.step_of(secret, digits, after=row.data["step"])
        if step is not None:
            row.data["step"] = step
            row.save(update_fields=["data"])
            return _of(user, row)
    return None


@transaction.atomic
def use_recovery_code(*, user: User, code: str) -> Authenticator | None:
    """The recovery codes, if this is one of them; it is none from now on. Locked as above."""
    for row in Authenticator.objects.select_for_update().filter(user=user, type=Type.RECOVERY_CODES):
        found = secrets.find(user, code, row.data["fingerprints"])
        if found is not None:
            row.data["fingerprints"].remove(found)
            row.save(update_fields=["data"])
            return _of(user, row)
    return None


def _of(user: User, row: Authenticator) -> Authenticator:
    """Not a copy of the person: what is noted afterwards is noted of this one."""
    row.user = user
    return row


def _lock(user: User) -> None:
    """Two tabs at once: one after the other, so that "the first" and "the last" factor are so."""
    User.objects.select_for_update().get(pk=user.pk)


def _tell(signal: Any, request: HttpRequest, user: User, factor: Authenticator, mail: str = "") -> None:
    tell: Callable[[], Any] = partial(
        signal.send, sender=Authenticator, request=request, user=user, authenticator=factor
    )
    transaction.on_commit(tell, robust=True)
    if mail:
        send = partial(get_account_adapter(request).send_notification_mail, f"mfa/email/{mail}", user)
        transaction.on_commit(send, robust=True)
