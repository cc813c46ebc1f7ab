"""allauth asks its own limiter; from `take_over` on that is `core.throttle`: one table, and no second count beside it.

Its own reads a list, changes it and writes it back under a lock in the cache, refuses everybody while that lock is
busy, and knows neither networks nor when to come again.
"""

from typing import Any

from allauth.core.exceptions import RateLimited
from allauth.core.internal import ratelimit
from django.http import HttpRequest

from core import throttle

#: Shape: allauth's action → ours. tests/accounts/test_limiter.py finds every one that allauth asks about.
ACTIONS = {
    "login": "sign_in",
    "login_failed": "wrong_password",
    "request_login_code": "code",
    "reset_password": "reset",
    "reset_password_from_key": "new_password",
    "confirm_email": "confirm_address",
    "signup": "sign_up",
    "reauthenticate": "reauthenticate",
    "change_password": "change_password",
    "manage_email": "change_address",
    "webauthn_login": "passkey",
}
#: Counted for who only looks, too: each look makes a challenge and a session.
_ALSO_GOT = {"webauthn_login"}
#: What allauth calls an account at its second factor, before its id.
_SECOND_FACTOR = "mfa-auth-user-"


class Usage(throttle.Use):
    """allauth's name for giving back."""

    __slots__ = ()

    def rollback(self) -> None:
        self.give_back()


def consume(
    request: HttpRequest,
    *,
    app: str,
    action: str,
    config: dict[str, str] | None = None,
    key: str | None = None,
    user: Any = None,
    dry_run: bool = False,
    limit_get: bool = False,
    raise_exception: bool = False,
) -> Usage | None:
    """allauth's question. Shape: its own signature."""
    if request.method == "GET" and not limit_get and action not in _ALSO_GOT:
        return Usage((), "")
    ours, account = _ours(request, action, key, user)
    use = throttle.consume(request, ours, account=account)
    if dry_run:
        use.give_back()
    if use:
        return Usage(use.counts, use.token)
    if raise_exception:
        raise RateLimited
    return None


def clear(
    request: HttpRequest,
    *,
    app: str,
    action: str,
    config: dict[str, str] | None = None,
    key: str | None = None,
    user: Any = None,
) -> None:
    ours, account = _ours(request, action, key, user)
    throttle.forget(request, ours, account=account)


def _ours(request: HttpRequest, action: str, key: str | None, user: Any) -> tuple[str, str]:
    """Our action, and whose account. Raises: KeyError for what allauth did not ask about before."""
    if key is not None and key.startswith(_SECOND_FACTOR):
        return "wrong_second_factor", key.removeprefix(_SECOND_FACTOR)
    name = ACTIONS[action]
    if key is None and throttle.LIMITS[name].account:
        key = str((user or request.user).pk)
    return name, key or ""


def take_over() -> None:
    """Its modules ask each other by these names, at the time of asking."""
    ratelimit.consume = consume
    ratelimit.clear = clear
