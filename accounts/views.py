"""Signing in and out, and one's own account."""

from functools import wraps
from typing import TYPE_CHECKING, Any

from allauth.account import views as allauth_views
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import actions
from accounts.devices import devices_of
from accounts.factors import passkeys
from accounts.models import User
from accounts.reauthentication import person as _person
from core import throttle
from core.csrf import allow_null_origin

if TYPE_CHECKING:
    from collections.abc import Callable


def house_form(view: "Callable[..., HttpResponseBase]") -> "Callable[..., HttpResponseBase]":
    """Wrong input is answered with 422, and what is too often with 429: allauth shows the form again with 200, as if
    nothing had been wrong.

    And its pages are got and posted, nothing else: by themselves they take a PUT for a POST.
    """

    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if request.method == "POST" and response.status_code == 200:
            response.status_code = 429 if throttle.waiting(request) else 422
        return response

    return answer


account_inactive = require_safe(allauth_views.account_inactive)


class LoginView(allauth_views.LoginView):
    """Also with what a browser needs to sign in with a passkey."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        options = passkeys.begin_sign_in(self.request) if passkeys.are_possible(self.request) else None
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"passkey_options": options}


login = LoginView.as_view()


# ---- Signing out ----


@require_http_methods(["GET", "HEAD", "POST"])
def logout(request: HttpRequest) -> HttpResponseBase:
    """What was kept in this browser, such as messages not yet sent, is nobody else's to read.

    Its storage, and its cache: that holds no pages (`config.middleware.KeptNowhere`), but the members' faces for a day.
    Not its cookies: the language and the theme of the sign-in page stand there.
    """
    response: HttpResponseBase = allauth_views.logout(request)
    if request.method == "POST":
        response["Clear-Site-Data"] = '"cache", "storage"'
    return response


@login_required
@require_POST
def logout_everywhere(request: HttpRequest) -> HttpResponseBase:
    """On every device, this one last."""
    actions.end_other_sessions(user=_person(request), but=request.session.session_key)
    return logout(request)


# ---- One's own account ----


@never_cache
@login_required
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    context = {
        "themes": User.Theme.choices,
        "languages": settings.LANGUAGES,
        "devices": devices_of(_person(request), request.session.session_key),
    }
    return render(request, "accounts/account.html", context)


@login_required
@require_POST
def end_device(request: HttpRequest, mark: str) -> HttpResponse:
    """Sign out on one device. Two clicks, or a device that signed out meanwhile: it is signed out."""
    person = _person(request)
    for device in devices_of(person, request.session.session_key):
        if device.mark == mark and not device.is_this:
            actions.end_session(user=person, session_key=device.session_key)
    messages.success(request, _("That device is signed out."))
    return redirect("account")


@login_required
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    actions.end_other_sessions(user=_person(request), but=request.session.session_key)
    messages.success(request, _("You are signed in on this device only."))
    return redirect("account")


@login_required
@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    try:
        actions.change_theme(user=_person(request), theme=request.POST.get("theme", ""))
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("account")


@allow_null_origin  # the switch also stands on the invitation, which has no referrer
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """For everybody: signed in it is kept with the account, in any case in a cookie of this browser."""
    back = HttpResponseRedirect(_safe(request, request.POST.get("next", "")))
    chosen = request.POST.get("language", "")
    try:
        actions.check_language(chosen)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return back
    if isinstance(request.user, User):
        actions.change_language(user=request.user, language=chosen)
    translation.activate(chosen)
    back.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen,
        max_age=365 * 24 * 60 * 60,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return back


def _safe(request: HttpRequest, url: str) -> str:
    """An address of this site, or the first page."""
    if url.startswith("/") and url_has_allowed_host_and_scheme(
        url, {request.get_host()}, require_https=request.is_secure()
    ):
        return url
    return reverse("home")
