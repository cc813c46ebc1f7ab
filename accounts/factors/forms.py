"""What is typed in, or handed over by the browser, to show who one is; and names of passkeys."""

from typing import Any

from allauth.mfa import signals
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_lazy, ngettext

from accounts.factors import actions, passkeys, secrets
from accounts.models import User
from core.numbers import in_words

DIGITS = 6
LONGEST_NAME = 40


class ProofForm(forms.Form):
    """Something that only this person has. Wrong tries are counted per account, on whichever page they are made."""

    def __init__(self, *args: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.user = request, user
        self.factor: Authenticator | None = None

    def clean(self) -> dict[str, Any] | None:
        if self.errors:
            return None
        forget_tries = check_rate_limit(self.user)
        self.factor = self.find()
        if self.factor is None:
            self.tell_of_failure()
            self.add_error(self.first_field, get_adapter().validation_error("incorrect_code"))
            return None
        forget_tries()
        return self.cleaned_data

    @property
    def first_field(self) -> str:
        return next(iter(self.fields))

    def find(self) -> Authenticator | None:
        """The factor that was shown. Raises: ValidationError."""
        raise NotImplementedError

    def tell_of_failure(self) -> None:
        factor = Authenticator.objects.filter(user=self.user).exclude(type=Authenticator.Type.WEBAUTHN).first()
        signals.authentication_failed.send(
            sender=Authenticator,
            request=self.request,
            user=self.user,
            authenticator=factor,
            reauthentication=self.request.user.is_authenticated,
        )


class DigitsField(forms.CharField):
    """Six digits. Blanks do not count; what is too short or too long cannot be them and costs no try."""

    def __init__(self, **kwargs: Any) -> None:
        attributes = {"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": "12", "class": "code-in"}
        widget = forms.TextInput(attrs=attributes | {"spellcheck": "false"})
        messages = {"required": gettext_lazy("Type in the six digits that your app shows.")}
        super().__init__(
            label=gettext_lazy("Six digits from your app"), widget=widget, error_messages=messages, **kwargs
        )

    def clean(self, value: Any) -> str:
        digits = "".join(character for character in super().clean(value) if character.isalnum())
        missing = DIGITS - len(digits)
        if missing > 0:
            sentence = ngettext("One digit is missing.", "There are %(count)s digits missing.", missing)
            raise ValidationError(sentence % {"count": in_words(missing)}, code="incomplete")
        if missing < 0 or not (digits.isascii() and digits.isdecimal()):
            raise ValidationError(gettext("The code has six digits and nothing else."), code="incomplete")
        return digits


class AppForm(ProofForm):
    code = DigitsField()

    def find(self) -> Authenticator | None:
        return actions.use_digits(user=self.user, digits=self.cleaned_data["code"])


class RecoveryForm(ProofForm):
    recovery_code = forms.CharField(
        label=gettext_lazy("Recovery code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("Ten letters and digits from your list. Each works once."),
        error_messages={"required": gettext_lazy("Type in one of the codes from your list.")},
    )

    def clean_recovery_code(self) -> str:
        code = secrets.plain(self.cleaned_data["recovery_code"])
        if len(code) != 2 * secrets.HALF:
            raise ValidationError(gettext("A recovery code has ten letters and digits."), code="incomplete")
        return code

    def find(self) -> Authenticator | None:
        return actions.use_recovery_code(user=self.user, code=self.cleaned_data["recovery_code"])


class PasskeyForm(ProofForm):
    """The browser's answer; there is nothing to guess about it, and still it is counted."""

    credential = forms.CharField(max_length=passkeys.LONGEST, widget=forms.HiddenInput)

    def find(self) -> Authenticator | None:
        factor, self.given = passkeys.finish_proof(self.request, self.user, self.cleaned_data["credential"])
        return factor


class PasskeyNameForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=LONGEST_NAME,
        help_text=gettext_lazy("So that you know it again: the device or the key it is on."),
    )


class NewPasskeyForm(PasskeyNameForm):
    credential = forms.CharField(
        max_length=passkeys.LONGEST,
        widget=forms.HiddenInput,
        error_messages={"required": gettext_lazy("Your browser has not made a passkey. Try again.")},
    )


class NewAppForm(forms.Form):
    code = DigitsField(help_text=gettext_lazy("Drawn on this server. The picture is gone once you confirm."))

    def __init__(self, *args: Any, user: User, secret: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.secret = user, secret

    def clean_code(self) -> str:
        """Counted like the digits of signing in. The step is kept: the same digits do not work once more."""
        forget_tries = check_rate_limit(self.user, error_key="rate_limited")
        step = secrets.step_of(self.secret, self.cleaned_data["code"], after=0)
        if step is None:
            raise get_adapter().validation_error("incorrect_code")
        forget_tries()
        self.step = step
        code: str = self.cleaned_data["code"]
        return code
