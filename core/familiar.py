"""Browsers in which an account was signed in before: what strangers spend does not lock them out.

The cookie holds a random name of the browser and, for each account, a mark that only the site can make. It opens
nothing: it gives the browser a limit of its own (`core.throttle`), and stays when one signs out.
Source: OWASP, "Slow Down Online Guessing Attacks with Device Cookies".
"""

import hmac
import re
import secrets
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core.keys import keyed_hash

KEPT = timedelta(days=365)
#: Of so many accounts a browser keeps a mark, each under two names; a family's computer has some.
MOST_MARKS = 12
_SHAPE = re.compile(rf"[A-Za-z0-9_-]{{22}}(?:\.[0-9a-f]{{24}}){{1,{MOST_MARKS}}}")


#: Asked with the name of a browser and an account that has a mark there: whether it is still to be known. Marks cannot
#: be called back by themselves, and somebody may have laid in a hundred of them.
Watch = Callable[[str, str], bool]
_watches: list[Watch] = []


def watch(check: Watch) -> Watch:
    """Decorator: who keeps a list of browsers says which are on it."""
    _watches.append(check)
    return check


def device_of(request: HttpRequest, account: str) -> str:
    """The name of the browser where this account was signed in before, and not sent away since; or nothing.

    Only who brings the account's own mark makes anybody look: to all others the answer costs the same.
    """
    device, marks = _read(request)
    mark = _mark(device, account)
    if not any(hmac.compare_digest(mark, known) for known in marks):
        return ""
    seen: dict[str, bool] = request.__dict__.setdefault("familiar_accounts", {})
    if account not in seen:
        seen[account] = all(check(device, account) for check in _watches)
    return device if seen[account] else ""


def note_signing_in(request: HttpRequest, *accounts: object) -> None:
    """From now on these are familiar here, once `keep` has put it into the answer. Spelled as they are asked for."""
    device = _read(request)[0] or secrets.token_urlsafe(16)
    request.signed_in_as = (device, [str(account) for account in accounts])  # type: ignore[attr-defined]


def name_of(request: HttpRequest) -> str:
    """What the browser is called in which somebody has just signed in; "" where nobody has."""
    device, _accounts = getattr(request, "signed_in_as", ("", []))
    return str(device)


def keep(request: HttpRequest, response: HttpResponseBase) -> None:
    """Put the cookie into the answer, where somebody has signed in."""
    noted: tuple[str, list[str]] | None = getattr(request, "signed_in_as", None)
    if noted is None:
        return
    (device, accounts), (_device, marks) = noted, _read(request)
    newest = [_mark(device, account) for account in accounts]
    kept = [*newest, *(mark for mark in marks if mark not in newest)][:MOST_MARKS]
    response.set_cookie(
        settings.FAMILIAR_COOKIE_NAME,
        ".".join([device, *kept]),
        max_age=KEPT,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> tuple[str, list[str]]:
    value = request.COOKIES.get(settings.FAMILIAR_COOKIE_NAME, "")
    if not _SHAPE.fullmatch(value):
        return "", []
    device, *marks = value.split(".")
    return device, marks


def _mark(device: str, account: str) -> str:
    return keyed_hash("familiar", device, account)[:24]
