"""The way in, and the pages for what went wrong."""

import sys
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseServerError, JsonResponse
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.shortcuts import redirect, render
from django.template import loader
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from communities.models import Membership
from core import requests
from core.installation import installation, site_name
from core.moments import in_about
from core.outage import is_outage
from core.throttle import retry_after, waiting
from operations.legal import links


@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Signed in: one's community, or the choice between several; else the door. As long as the place waits to be set
    up, that comes first, except for those who were invited meanwhile.
    """
    if installation().set_up_at is None and getattr(request.user, "is_operator", True):
        return redirect("setup")
    if not request.user.is_authenticated:
        return redirect("account_login")
    mine = list(Membership.objects.of_account(request.user.pk).select_related("community").order_by("community__name"))
    if len(mine) == 1:
        return redirect(mine[0].community)
    return render(request, "home.html", {"memberships": mine})


@require_safe
def leave(request: HttpRequest) -> HttpResponse:
    """A blank page that says nothing of where somebody was; scripts need not even ask for it."""
    with translation.override(translation.get_language_from_request(request)):
        answer = HttpResponse(loader.render_to_string("leave.html"))
    # What the browser kept of other pages would be there at once with "Back".
    answer["Clear-Site-Data"] = '"cache"'
    return answer


def _known() -> dict[str, Any]:
    """What pages say that cannot rely on anything: kept in memory, mostly."""
    return {"site_name": site_name(), "legal": [name for name, _label in links()]}


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Without context processors: they may be what broke."""
    if isinstance(exception, RequestDataTooBig):
        return too_long(request)
    return HttpResponseBadRequest(loader.render_to_string("400.html", _known()))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The reason is ours and translated: actions raise PermissionDenied with a sentence."""
    return render(request, "403.html", {"exception": str(exception or "")}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The same page whether it does not exist or may not be known of."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Without context processors: they may be what broke."""
    if is_outage(sys.exc_info()[1]):
        return unreachable(request)
    context = _known() | {"number": requests.current()}
    return HttpResponseServerError(loader.render_to_string("500.html", context))


def unreachable(request: HttpRequest) -> HttpResponse:
    """The database is away, hangs or has no room: nobody's mistake, and worth another try."""
    if _wants_json(request):
        with translation.override(translation.get_language_from_request(request)):
            reason = _("Something broke on our side. We will try again.")
        answer: HttpResponse = JsonResponse({"reason": reason, "is_final": False})
    else:
        context = _known() | {"is_form": request.method == "POST"}
        answer = HttpResponse(loader.render_to_string("503.html", context))
    answer.status_code = 503
    answer["Retry-After"] = "5"
    return answer


def too_long(request: HttpRequest) -> HttpResponse:
    """More was sent than is taken. Without context processors: there is no session yet."""
    if _wants_json(request):
        with translation.override(translation.get_language_from_request(request)):
            reason = _("That is too much at once. Send less, or a smaller file.")
        answer: HttpResponse = JsonResponse({"reason": reason, "is_final": True})
    else:
        answer = HttpResponse(loader.render_to_string("413.html", _known()))
    answer.status_code = 413
    return answer


def too_many(request: HttpRequest) -> HttpResponse:
    """A limit was reached (`core.throttle`). Says when there is room again, to people and to scripts."""
    wait = waiting(request)
    if _wants_json(request):
        reason = _("That was a bit much at once. Try again %(when)s.") % {"when": in_about(wait)}
        answer: HttpResponse = JsonResponse({"reason": reason, "is_final": False})
    else:
        context = {"when": in_about(wait), "is_form": request.method == "POST"}
        answer = render(request, "429.html", context)
    answer.status_code = 429
    answer["Retry-After"] = str(retry_after(wait))
    return answer


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", {"no_cookie": reason == REASON_NO_CSRF_COOKIE}, status=403)
