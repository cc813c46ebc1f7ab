"""The account page, and the pages of allauth that ask for a code."""

import time
from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING, Any

from allauth.account import views as allauth_views
from allauth.account.internal.flows.email_verification_by_code import EMAIL_VERIFICATION_CODE_SESSION_KEY
from allauth.account.internal.flows.password_reset_by_code import PASSWORD_RESET_VERIFICATION_SESSION_KEY
from allauth.account.internal.stagekit import clear_login, unstash_login
from allauth.account.utils import passthrough_next_redirect_url
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
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
from accounts.adapter import PENDING_JOIN, AccountAdapter
from accounts.devices import devices_of
from accounts.factors import passkeys
from accounts.models import User
from accounts.reauthentication import person as _person
from core import throttle
from core.csrf import allow_null_origin

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.views.generic.edit import FormView

    Page = FormView[forms.Form]
else:
    Page = object

#: How long after one code the next one may be asked for. Units: seconds.
PAUSE = 40


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


# ---- Pages that ask for a code ----


class CodePage(Page):
    """How long a code works, how many tries are left, when the next one can be had."""

    _process: Any

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        state = self._process.state
        return super().get_context_data(**kwargs) | {
            "expires_at": datetime.fromtimestamp(state["at"] + self._process.timeout, UTC),
            "tries_left": max(0, self._process.max_attempts - state["failed_attempts"]),
            "wait": self.wait,
            "is_joining": PENDING_JOIN in self.request.session,
        }

    @property
    def wait(self) -> int:
        """Units: seconds until another code may be sent."""
        sent_at = float(self._process.state["at"])
        return max(0, round(sent_at + PAUSE - time.time()))

    def get_form(self, form_class: Any = None) -> Any:
        form: Any = super().get_form(form_class)
        form.account = self._process.state["email"]
        return form

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        if is_no_guess(form):
            return self.render_to_response(self.get_context_data(form=form))
        return super().form_invalid(form)


#: Errors of a code that was not compared with the right one.
NO_GUESS = ("incomplete", "required", "null_characters_not_allowed", "too_many_login_attempts")


def is_no_guess(form: forms.Form) -> bool:
    """What cannot be a code costs no try."""
    return any(form.has_error("code", kind) for kind in NO_GUESS)


class ResendableCodePage(CodePage):
    """May send another code. Where there is no account, the mail that says so is sent again: the same work."""

    url_name: str

    def _resend_form_valid(self, form: forms.Form) -> HttpResponse:
        if not self.wait and self.may_resend():
            process = self._process
            # The new code works for as long as the first one did; the tries are not given back.
            process.state["at"] = time.time()
            self.renew()
            process.record_resend()
            process.persist()
        page: HttpResponse = redirect(passthrough_next_redirect_url(self.request, self.page_url, REDIRECT_FIELD_NAME))
        return page

    @property
    def page_url(self) -> str:
        return reverse(self.url_name)

    def may_resend(self) -> bool:
        return True

    def renew(self) -> None:
        raise NotImplementedError


class ConfirmLoginCodeView(ResendableCodePage, allauth_views.ConfirmLoginCodeView):
    url_name = "account_confirm_login_code"

    def may_resend(self) -> bool:
        if throttle.consume(self.request, "code", account=self._process.state["email"]):
            return True
        messages.error(self.request, AccountAdapter.error_messages["rate_limited"])
        return False

    def renew(self) -> None:
        self._process.send()


class ConfirmEmailView(ResendableCodePage, allauth_views.ConfirmEmailVerificationCodeView):
    url_name = "account_email_verification_sent"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        pending = request.session.get(EMAIL_VERIFICATION_CODE_SESSION_KEY) or {}
        if "user_id" in pending and not User.objects.filter(pk=pending["user_id"]).exists():
            # Begun here, and given way to whoever proved the address elsewhere.
            return start_over(request)
        return super().dispatch(request, *args, **kwargs)

    def renew(self) -> None:
        self._process.generate_code()
        self._process.send()


class ConfirmPasswordResetCodeView(CodePage, allauth_views.ConfirmPasswordResetCodeView):
    pass


def start_over(request: HttpRequest) -> HttpResponseRedirect:
    """Forget the code that is being waited for, and back to the page that asked for the address."""
    if request.user.is_authenticated:
        back = "account_email"
    else:
        login = unstash_login(request, peek=True)
        back = "account_signup" if login and login.signup else "account_login"
    clear_login(request)
    request.session.pop(EMAIL_VERIFICATION_CODE_SESSION_KEY, None)
    request.session.pop(PASSWORD_RESET_VERIFICATION_SESSION_KEY, None)
    return HttpResponseRedirect(passthrough_next_redirect_url(request, reverse(back), REDIRECT_FIELD_NAME))


@require_POST
def other_address(request: HttpRequest) -> HttpResponse:
    """“Another address”: allauth's own way shows whether there is an account, by offering it or not."""
    return start_over(request)


confirm_login_code = ConfirmLoginCodeView.as_view()
confirm_email = never_cache(ConfirmEmailView.as_view())
confirm_password_reset_code = never_cache(ConfirmPasswordResetCodeView.as_view())


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
