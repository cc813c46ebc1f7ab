"""The pages of allauth that ask for a mailed code."""

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from allauth.account import views as allauth_views
from allauth.account.internal.flows.email_verification_by_code import EMAIL_VERIFICATION_CODE_SESSION_KEY
from allauth.account.internal.flows.password_reset_by_code import PASSWORD_RESET_VERIFICATION_SESSION_KEY
from allauth.account.internal.stagekit import clear_login, unstash_login
from allauth.account.utils import passthrough_next_redirect_url
from django import forms
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.adapter import PENDING_JOIN, AccountAdapter
from accounts.forms import SPENT
from accounts.models import User
from core import throttle

if TYPE_CHECKING:
    from django.views.generic.edit import FormView

    Page = FormView[forms.Form]
else:
    Page = object

#: How long after one code the next one may be asked for. Units: seconds.
PAUSE = 40


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
        form.account, form.number = self._process.state["email"], self.number
        return form

    @property
    def number(self) -> str:
        """What names this code, and those that are sent in its place: by it tries are counted (`core.throttle`). It is
        made of what stood in the session before the first try, so that no older state of it gives a try back.
        """
        state = self._process.state
        return f"{state['email']} {state.get('begun_at', state['at'])!r}"

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        if form.has_error("code", SPENT):
            # As after the fifth try, whatever the session says of how many there were.
            self._process.state["failed_attempts"] = self._process.max_attempts
        if is_no_guess(form):
            return self.render_to_response(self.get_context_data(form=form))
        return self.guessed_wrong(form)

    def guessed_wrong(self, form: forms.Form) -> HttpResponse:
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
            process.state.setdefault("begun_at", process.state["at"])
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
