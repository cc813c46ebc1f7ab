"""Asking again: before something dangerous, whoever sits at a signed-in browser shows once more that it is them.

Views say so: `@asked_again` for pages, `@asked_again_to_change` where only changing is dangerous and reading is not.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve, reverse
from django.utils.datastructures import MultiValueDict

from accounts.models import User

View = Callable[..., HttpResponseBase]

#: In the session: the form that waits until its sender has shown who they are.
WAITING = "waiting_for_proof"
#: A form with one of these does not wait, nor one with a file: what is secret is not written into the session.
SECRET = {"password", "mail_password", "password1", "oldpassword", "credential", "code"}
SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}


def asked_again(view: View) -> View:
    """Only for who showed within the last 15 minutes that it is them: by signing in, or by being asked again."""

    @login_required
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs) if was_asked(request) else ask_again(request)

    return answer


def asked_again_to_change(view: View) -> View:
    """The same, where the page may be read without: what is sent from it waits in the meantime."""

    @login_required
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method in SAFE or was_asked(request):
            return view(request, *args, **kwargs)
        return ask_again(request)

    return answer


def was_asked(request: HttpRequest) -> bool:
    """Whether this session's person has lately shown who they are, in whichever way they have."""
    if not isinstance(request.user, User):
        return False
    since = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    return any(record["at"] > since for record in get_authentication_records(request, request.user))


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
    """To the page that asks. A form that was sent is kept, so that nobody writes it twice."""
    path = request.get_full_path()
    if request.method == "POST":
        keep(request, path)
    return HttpResponseRedirect(f"{reverse('account_reauthenticate')}?{urlencode({REDIRECT_FIELD_NAME: path})}")


def keep(request: HttpRequest, path: str) -> None:
    fields = request.POST.copy()
    fields.pop("csrfmiddlewaretoken", None)
    if SECRET.isdisjoint(fields) and not request.FILES:
        request.session[WAITING] = {"path": path, "fields": fields.urlencode()}


def go_on(request: HttpRequest, url: str) -> HttpResponseBase:
    """Back to where somebody came from, and a form that waits there is answered as if it had been sent now.

    It came with its own CSRF token, and in this session; whoever asks now has shown the one of the page that asked.
    """
    waiting = request.session.pop(WAITING, None)
    if not waiting or waiting["path"] != url:
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
