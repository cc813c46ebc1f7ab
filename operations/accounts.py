"""One account at a time, by its whole address, for somebody who lost every second factor. No list of people."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import actions
from accounts.models import FactorReset, User
from accounts.reauthentication import asked_again
from operations.access import operator_page


class FindAccountForm(forms.Form):
    """Sent as a form, not as a search: an address in a link would stand in logs and in the browser's history."""

    email = forms.CharField(
        label=gettext_lazy("Email address"),
        help_text=gettext_lazy("The whole address, as the person uses it here."),
        max_length=254,
        widget=forms.TextInput(attrs={"inputmode": "email", "autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        self.found: User | None = User.objects.with_address(email).first()
        if self.found is None:
            raise ValidationError(_("There is no account with this address."), code="none")
        return email


@dataclass(frozen=True, slots=True)
class Factors:
    """What an account has, by kind and number; names of passkeys are the person's own."""

    passkeys: int
    has_app: bool
    has_codes: bool

    def __str__(self) -> str:
        words = [ngettext("%(count)s passkey", "%(count)s passkeys", self.passkeys) % {"count": self.passkeys}]
        kinds = [
            *(words if self.passkeys else []),
            *([_("authenticator app")] if self.has_app else []),
            *([_("recovery codes")] if self.has_codes else []),
        ]
        return ", ".join(kinds)


def factors_of(user: User) -> Factors:
    kinds = Counter(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    return Factors(
        passkeys=kinds[Authenticator.Type.WEBAUTHN],
        has_app=kinds[Authenticator.Type.TOTP] > 0,
        has_codes=kinds[Authenticator.Type.RECOVERY_CODES] > 0,
    )


@never_cache
@operator_page
@require_http_methods(["GET", "HEAD", "POST"])
def accounts(request: HttpRequest) -> HttpResponse:
    form = FindAccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and form.found is not None:
        return redirect("operations_account", form.found.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "operations/accounts.html", {"form": form, "tab": "accounts"}, status=status)


@never_cache
@operator_page
@require_safe
def account(request: HttpRequest, account: UUID) -> HttpResponse:
    person = get_object_or_404(User, pk=account)
    resets = FactorReset.objects.filter(user=person).order_by("-asked_at").select_related("asked_by")
    context = {
        "person": person,
        "factors": factors_of(person),
        "reset": resets.open().first(),
        "before": [_in_words(reset) for reset in resets if reset.done_at or reset.cancelled_at],
        "tab": "accounts",
    }
    return render(request, "operations/account.html", context)


@operator_page
@require_POST
@asked_again
def factor_reset(request: HttpRequest, account: UUID) -> HttpResponse:
    """Two clicks, and two operators, are one reset."""
    person = get_object_or_404(User, pk=account)
    try:
        actions.ask_factor_reset(user=person, asked_by=_operator(request))
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, _("The person is told now. In 48 hours the second factor is removed."))
    return redirect("operations_account", account)


@operator_page
@require_POST
def keep_factors(request: HttpRequest, account: UUID) -> HttpResponse:
    """Asked for by mistake, or by somebody who was not the person."""
    actions.cancel_factor_reset(user=get_object_or_404(User, pk=account), by=_operator(request))
    messages.success(request, _("Cancelled. The second factor stays."))
    return redirect("operations_account", account)


def _operator(request: HttpRequest) -> User:
    """Nobody else passes `operator_page`."""
    if not isinstance(request.user, User):
        raise TypeError
    return request.user


def _in_words(reset: FactorReset) -> tuple[datetime, str]:
    """What became of it. Shape: when, and a sentence."""
    if reset.done_at:
        return reset.done_at, _("The second factor was removed.")
    return reset.cancelled_at or reset.asked_at, _("A removal was cancelled.")
