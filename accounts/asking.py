"""The page that asks again who somebody is, and the mailed code for who has nothing else to show."""

from typing import TYPE_CHECKING, Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from allauth.account.mixins import NextRedirectMixin
from allauth.account.utils import get_next_redirect_url
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.views.decorators.cache import never_cache
from django.views.generic.edit import FormView

from accounts.code_pages import ResendableCodePage
from accounts.factors.proofs import Proofs
from accounts.forms import ReauthenticateByCodeForm, ReauthenticateForm
from accounts.models import User
from accounts.reauthentication import go_on, has_factor, person, record_proof, waiting_form
from core import throttle

if TYPE_CHECKING:
    Page = FormView[forms.Form]

    class Next(Page):
        def passthrough_next_url(self, url: str) -> str: ...

else:
    Page = FormView

    class Next(NextRedirectMixin, FormView):
        pass


#: In the session: the code that was mailed to ask again.
CODE = "reauthentication_code"


class CodeToAskAgain(AbstractCodeVerificationProcess):
    """Six digits to the account's own address."""

    def __init__(self, request: HttpRequest, state: dict[str, Any]) -> None:
        self.request = request
        super().__init__(
            state=state,
            timeout=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT,
            max_attempts=settings.ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS,
            user=request.user,
        )

    @classmethod
    def begin(cls, request: HttpRequest, user: User) -> None:
        process = cls(request, cls.initial_state(user, email=user.email))
        process.send()
        process.persist()

    @classmethod
    def resume(cls, request: HttpRequest) -> "CodeToAskAgain | None":
        state = request.session.get(CODE)
        found: CodeToAskAgain | None = cls(request, state).abort_if_invalid() if state else None
        return found

    def send(self) -> None:
        self.state["code"] = get_adapter().generate_login_code()
        context = {"request": self.request, "code": self.state["code"]}
        get_adapter().send_mail("account/email/reauthentication_code", self.state["email"], context)

    def persist(self) -> None:
        self.request.session[CODE] = self.state

    def abort(self) -> None:
        self.request.session.pop(CODE, None)

    @property
    def can_resend(self) -> bool:
        return not self.is_resend_quota_reached(settings.ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND)


def form_waits(request: HttpRequest) -> bool:
    """Whether something is done as soon as the proof is given: who did not send it shall know."""
    url = get_next_redirect_url(request)
    return bool(url) and waiting_form(request, url) is not None


def may_mail_code(request: HttpRequest, email: str) -> bool:
    """Counted together with the codes for signing in: they end in the same mailbox."""
    return bool(throttle.consume(request, "code", account=email))


@method_decorator(login_required, name="dispatch")
@method_decorator(never_cache, name="dispatch")
class AskAgain(Next):
    """By a factor; of who has none, by the password, or, where there is nothing to show, by a mailed code."""

    template_name = "account/reauthenticate.html"
    form_class = ReauthenticateForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST":
            throttle.enforce(request, "reauthenticate", account=request.user.pk)
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """What was typed into another form of the page says nothing about the password."""
        kwargs = super().get_form_kwargs() | {"user": self.request.user}
        return kwargs if "password" in self.request.POST else {"user": self.request.user}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        if self.needs_code:
            return self.mail_code()
        if not self.proofs.exist:
            return super().post(request, *args, **kwargs)
        if self.proofs.are_given():
            return go_on(request, self.get_success_url())
        return self.render_to_response(self.get_context_data())

    @cached_property
    def proofs(self) -> Proofs:
        return Proofs(self.request, person(self.request))

    @property
    def needs_code(self) -> bool:
        """Whether there is no other way to ask."""
        return not person(self.request).has_usable_password() and not self.proofs.exist

    def mail_code(self) -> HttpResponse:
        user = person(self.request)
        if not may_mail_code(self.request, user.email):
            messages.error(self.request, get_adapter().error_messages["rate_limited"])
            return HttpResponseRedirect(self.passthrough_next_url(reverse("account_reauthenticate")))
        CodeToAskAgain.begin(self.request, user)
        return HttpResponseRedirect(self.passthrough_next_url(reverse("account_reauthenticate_by_code")))

    def form_valid(self, form: forms.Form) -> HttpResponseBase:  # type: ignore[override]
        record_proof(self.request, "password")
        return go_on(self.request, self.get_success_url())

    def get_default_success_url(self) -> str:
        return reverse("account")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        more = {"needs_code": self.needs_code, "form_waits": form_waits(self.request), "has_factor": self.proofs.exist}
        return super().get_context_data(**kwargs) | more | self.proofs.context()


@method_decorator(login_required, name="dispatch")
@method_decorator(never_cache, name="dispatch")
class AskAgainByCode(ResendableCodePage, Next):
    """The six digits that were mailed."""

    template_name = "account/reauthenticate_by_code.html"
    url_name = "account_reauthenticate_by_code"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self._process = CodeToAskAgain.resume(request)
        if self._process is None or has_factor(self._process.user):
            return self.start_again()
        return super().dispatch(request, *args, **kwargs)

    def start_again(self) -> HttpResponse:
        return HttpResponseRedirect(self.passthrough_next_url(reverse("account_reauthenticate")))

    @property
    def is_resending(self) -> bool:
        return self.request.POST.get("action") == "resend" and self._process.can_resend

    def get_form_class(self) -> type[forms.Form]:
        return forms.Form if self.is_resending else ReauthenticateByCodeForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | ({} if self.is_resending else {"code": self._process.code})

    def form_valid(self, form: forms.Form) -> HttpResponseBase:  # type: ignore[override]
        if self.is_resending:
            return self._resend_form_valid(form)
        self._process.abort()
        record_proof(self.request, "code")
        return go_on(self.request, self.get_success_url())

    def guessed_wrong(self, form: forms.Form) -> HttpResponse:
        if self._process.record_invalid_attempt():
            return self.render_to_response(self.get_context_data(form=form))
        messages.error(self.request, get_adapter().error_messages["too_many_login_attempts"])
        return self.start_again()

    def may_resend(self) -> bool:
        if may_mail_code(self.request, self._process.state["email"]):
            return True
        messages.error(self.request, get_adapter().error_messages["rate_limited"])
        return False

    def renew(self) -> None:
        self._process.send()

    def get_default_success_url(self) -> str:
        return reverse("account")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        more = {"email": self._process.state["email"], "can_resend": self._process.can_resend}
        more["form_waits"] = form_waits(self.request)
        return context | more | {"verify_form": context["form"]}


ask_again = AskAgain.as_view()
ask_again_by_code = AskAgainByCode.as_view()
