"""The way in, and the pages for what went wrong."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseServerError
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.shortcuts import redirect, render
from django.template import loader
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from communities.models import Membership


@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Signed in: one's community, or the choice between several; else the door."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    mine = list(Membership.objects.of_account(request.user.pk).select_related("community").order_by("community__name"))
    if len(mine) == 1:
        return redirect(mine[0].community)
    return render(request, "home.html", {"memberships": mine})


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Without context processors: they may be what broke."""
    return HttpResponseBadRequest(loader.render_to_string("400.html", {"site_name": settings.SITE_NAME}))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The reason is ours and translated: actions raise PermissionDenied with a sentence."""
    return render(request, "403.html", {"exception": str(exception or "")}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The same page whether it does not exist or may not be known of."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Without context processors: they may be what broke."""
    return HttpResponseServerError(loader.render_to_string("500.html", {"site_name": settings.SITE_NAME}))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", {"no_cookie": reason == REASON_NO_CSRF_COOKIE}, status=403)
