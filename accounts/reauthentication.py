"""Asking again: before something dangerous, whoever sits at a signed-in browser shows once more that it is them.

Views say so: `@asked_again`.
"""

import secrets
import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve, reverse
from django.utils.crypto import constant_time_compare
from django.utils.datastructures import MultiValueDict

from accounts.models import User

View = Callable[..., HttpResponseBase]

#: In the session: the form that waits until its sender has shown who they are.
WAITING = "waiting_for_proof"
#: A form with one of these does not wait, nor one with a file: what is secret is not written into the session.
SECRET = {
    *("password", "password1", "password2", "oldpassword", "mail_password"),
    *("credential", "code", "recovery_code"),
}
#: What allauth calls a second factor, among the ways by which somebody showed who they are.
FACTOR = "mfa"
#: How long it waits. Units: seconds.
WAITS = 10 * 60
#: In the address that the proof leads back to: which form waits for it.
MARK = "waiting"


def asked_again(view: View) -> View:
    """Only for who showed within the last 15 minutes that it is them: by signing in, or by being asked again."""

    @login_required
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs) if was_asked(request) else ask_again(request)

    return answer


def asked_again_by_factor(view: View) -> View:
    """The same for who has a second factor; who has none shows something else on the page itself."""
    asked = asked_again(view)

    @login_required
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return (asked if has_factor(person(request)) else view)(request, *args, **kwargs)

    return answer


def was_asked(request: HttpRequest) -> bool:
    """Whether this session's person has lately shown who they are: by a second factor, where they have one."""
    if not isinstance(request.user, User):
        return False
    since = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    ways = {record["method"] for record in get_authentication_records(request, request.user) if record["at"] > since}
    return FACTOR in ways or (bool(ways) and not has_factor(request.user))


def has_factor(user: User) -> bool:
    """Recovery codes alone are none."""
    return is_mfa_enabled(user, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]) is True


def person(request: HttpRequest) -> User:
    """Who is signed in, behind pages that have let nobody else pass."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def record_proof(request: HttpRequest, method: str) -> None:
    """Somebody was asked again and it was them."""
    record_authentication(request, request.user, method=method, reauthenticated=True)


# ---- On the way there and back ----


def ask_again(request: HttpRequest) -> HttpResponseRedirect:
    """To the page that asks. A form that was sent waits, for nobody to write it twice; an older one is forgotten."""
    request.session.pop(WAITING, None)
    path, _mark = unmarked(request.get_full_path())
    mark = keep(request, path) if request.method == "POST" else ""
    back = f"{path}{'&' if '?' in path else '?'}{urlencode({MARK: mark})}" if mark else path
    return HttpResponseRedirect(f"{reverse('account_reauthenticate')}?{urlencode({REDIRECT_FIELD_NAME: back})}")


def keep(request: HttpRequest, path: str) -> str:
    """The mark of the form that waits now, or "": what holds a secret does not. Only the proof that was asked of its
    sender carries it: somebody may have left it at an unlocked browser, whose owner proves for other things.
    """
    fields = request.POST.copy()
    fields.pop("csrfmiddlewaretoken", None)
    if any(fields.get(name) for name in SECRET) or request.FILES:
        return ""
    mark = secrets.token_urlsafe(12)
    request.session[WAITING] = {"path": path, "fields": fields.urlencode(), "at": time.time(), "mark": mark}
    return mark


def unmarked(url: str) -> tuple[str, str]:
    """Without its mark, and the mark."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    if MARK not in dict(query):
        return url, ""
    rest = [(name, value) for name, value in query if name != MARK]
    return urlunsplit(parts._replace(query=urlencode(rest))), dict(query)[MARK]


def waiting_form(request: HttpRequest, url: str) -> dict[str, Any] | None:
    """The one that waits for the proof that leads to this address. Shape: as `keep` writes it."""
    path, mark = unmarked(url)
    kept: dict[str, Any] | None = request.session.get(WAITING)
    if not kept or not constant_time_compare(kept.get("mark", ""), mark) or kept["path"] != path:
        return None
    return kept if time.time() - kept["at"] < WAITS else None


def go_on(request: HttpRequest, url: str) -> HttpResponseBase:
    """Back to where somebody came from, and a form that waits there is answered as if it had been sent now.

    It came with its own CSRF token, and in this session; whoever asks now has shown the one of the page that asked.
    """
    waiting = waiting_form(request, url)
    request.session.pop(WAITING, None)
    url, _mark = unmarked(url)
    if waiting is None:
        return HttpResponseRedirect(url)
    parts = urlsplit(url)
    try:
        found = resolve(parts.path)
    except Resolver404:
        return HttpResponseRedirect(url)
    fields, query = QueryDict(waiting["fields"]), QueryDict(parts.query)
    request.POST, request.GET = fields, query  # the form's own, in place of the proof's
    request._files = MultiValueDict()  # type: ignore[attr-defined]
    request.path = request.path_info = parts.path
    request.META |= {"PATH_INFO": parts.path, "QUERY_STRING": parts.query}
    request.resolver_match = found
    answer: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
    return answer
