"""What one's own page says about the ways of signing in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.devices import DEVICE
from accounts.factors import secrets
from accounts.factors.forms import LONGEST_NAME
from accounts.factors.proofs import PASSKEY_HERE
from accounts.models import User

Type = Authenticator.Type
FEW = 3


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey by its owner's name for it. `signs_in` where it can be used without address and code."""

    pk: int
    name: str
    is_built_in: bool
    signs_in: bool
    created_at: datetime
    used_at: datetime | None
    is_here: bool

    @property
    def icon(self) -> str:
        return "fingerprint-pattern" if self.is_built_in else "key-round"


@dataclass(frozen=True, slots=True)
class RecoveryCodes:
    left: int
    made: int
    created_at: datetime
    are_kept: bool

    @property
    def are_few(self) -> bool:
        return self.left <= FEW


@dataclass(frozen=True, slots=True)
class Factors:
    passkeys: list[Passkey]
    app: Authenticator | None
    codes: RecoveryCodes | None

    @property
    def exist(self) -> bool:
        return bool(self.passkeys or self.app)


def factors_of(user: User, request: HttpRequest) -> Factors:
    """One query."""
    rows = list(Authenticator.objects.filter(user=user).order_by("pk"))
    here = request.session.get(PASSKEY_HERE)
    apps = [row for row in rows if row.type == Type.TOTP]
    codes = [_codes(row) for row in rows if row.type == Type.RECOVERY_CODES]
    passkeys = [passkey_of(row, here) for row in rows if row.type == Type.WEBAUTHN]
    return Factors(passkeys, next(iter(apps), None), next(iter(codes), None))


def passkey_of(row: Authenticator, here: int | None = None) -> Passkey:
    credential = row.data["credential"]
    return Passkey(
        pk=row.pk,
        name=row.data["name"],
        is_built_in=credential.get("authenticatorAttachment") == "platform",
        signs_in=credential.get("clientExtensionResults", {}).get("credProps", {}).get("rk") is True,
        created_at=row.created_at,
        used_at=row.last_used_at,
        is_here=row.pk == here,
    )


def _codes(row: Authenticator) -> RecoveryCodes:
    return RecoveryCodes(
        left=len(row.data["fingerprints"]),
        made=secrets.COUNT,
        created_at=row.created_at,
        are_kept=bool(row.data["kept_at"]),
    )


def suggested_name(user: User, request: HttpRequest) -> str:
    """What the new passkey is probably on: this device's system, with a number where that name is taken."""
    system = request.session.get(DEVICE, {}).get("system") or _("Passkey")
    taken = {row.data["name"] for row in Authenticator.objects.filter(user=user, type=Type.WEBAUTHN)}
    return next(name for name in _numbered(system[: LONGEST_NAME - 3]) if name not in taken)


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name} {number}"
        number += 1
