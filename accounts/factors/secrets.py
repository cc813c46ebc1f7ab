"""What the authenticator app and the recovery codes keep: sealed or only recognised, and bound to one account."""

import secrets
import time

from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from django.utils.crypto import constant_time_compare

from accounts.models import User
from core.sealing import fingerprint, is_of, seal, unseal

APP, CODES, NEW_CODES = "authenticator app", "recovery codes", "new recovery codes"
PERIOD, DRIFT = 30, 1
#: Letters and digits that nobody takes for one another on paper; ten of them are 49 bits.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
COUNT, HALF = 10, 5

# ---- The authenticator app ----


def new_secret() -> str:
    """Shape: 32 letters of base 32."""
    secret: str = generate_totp_secret()
    return secret


def app_url(user: User, secret: str) -> str:
    """What the app reads out of the picture: the secret, whose it is and where."""
    url: str = get_adapter().build_totp_url(user, secret)
    return url


def seal_secret(user: User, secret: str) -> str:
    return seal(APP, secret.encode(), str(user.pk))


def unseal_secret(user: User, sealed: str) -> str:
    """Raises: SealBroken."""
    return unseal(APP, sealed, str(user.pk)).decode()


def step_of(secret: str, digits: str, after: int) -> int | None:
    """Which half minute of the clock the digits belong to: this one or a neighbour, for clocks go wrong.

    Digits of a step up to `after` have been used, and are none any more.
    """
    now = int(time.time()) // PERIOD
    found = None
    for step in range(now - DRIFT, now + DRIFT + 1):
        if constant_time_compare(format_hotp_value(hotp_value(secret, step)), digits) and step > after:
            found = step
    return found


# ---- Recovery codes ----


def new_codes() -> list[str]:
    return [f"{_letters()}-{_letters()}" for _number in range(COUNT)]


def _letters() -> str:
    return "".join(secrets.choice(LETTERS) for _place in range(HALF))


def plain(code: str) -> str:
    """As it was made: capitals, blanks and dashes do not count."""
    return "".join(letter for letter in code.lower() if letter.isalnum())


def fingerprint_of(user: User, code: str) -> str:
    return fingerprint(CODES, plain(code), str(user.pk))


def find(user: User, code: str, kept: list[str]) -> str | None:
    """The fingerprint among those kept that this code has."""
    return next((one for one in kept if is_of(CODES, plain(code), one, str(user.pk))), None)


def seal_codes(user: User, codes: list[str]) -> str:
    """For the moment in which they are shown."""
    return seal(NEW_CODES, " ".join(codes).encode(), str(user.pk))


def unseal_codes(user: User, sealed: str) -> list[str]:
    """Raises: SealBroken."""
    return unseal(NEW_CODES, sealed, str(user.pk)).decode().split()
