"""allauth's forms in the house's words, with the same work for known and unknown addresses."""

import logging
from typing import TYPE_CHECKING, Any

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.core.internal.cryptokit import compare_user_code
from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_lazy, ngettext

from accounts.models import AddressChange, User
from accounts.receivers import SIGNED_UP_AS, password_mark
from accounts.traps import TRAPPED, Traps
from core import throttle
from core.numbers import in_words

logger = logging.getLogger(__name__)

CODE_LENGTH = 6
#: Of an error: this code has been tried so often that not even the right one counts.
SPENT = "spent"
PASSWORD_HINT = gettext_lazy("At least 12 characters. Several words in a row are easy to keep in mind.")

if TYPE_CHECKING:
    Base = forms.Form
else:
    Base = object


class House(Base):
    """No placeholder stands in for a label; each field says what it is for and what helps."""

    labels = {
        "login": gettext_lazy("Email address"),
        "email": gettext_lazy("Email address"),
        "password": gettext_lazy("Password"),
        "oldpassword": gettext_lazy("Current password"),
        "password1": gettext_lazy("New password"),
        "code": gettext_lazy("Code"),
    }
    hints: dict[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.hints.get(name, "")


# ---- Codes ----


class ConfirmCode(House):
    """Six digits. Blanks and dashes do not count; a code that is too short is not a try."""

    #: To which address it was sent, and what names it among all that were.
    account = number = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs.update(
            {"inputmode": "numeric", "maxlength": "12", "autocapitalize": "off", "spellcheck": "false"}
        )
        self.fields["code"].error_messages["required"] = gettext_lazy("Type in the six digits from the mail.")

    def clean_code(self) -> str:
        code = "".join(character for character in self.cleaned_data["code"] if character.isalnum())
        missing = CODE_LENGTH - len(code)
        if missing > 0:
            sentence = ngettext("One digit is missing.", "There are %(count)s digits missing.", missing)
            raise ValidationError(sentence % {"count": in_words(missing)}, code="incomplete")
        if missing < 0 or not code.isdecimal():
            raise ValidationError(gettext("The code has six digits and nothing else."), code="incomplete")
        tries = self._count_try()
        if not compare_user_code(actual=code, expected=getattr(self, "expected_code", "") or ""):
            raise get_adapter().validation_error("incorrect_code")
        for use in tries:
            use.give_back()
        return code

    def _count_try(self) -> tuple[throttle.Use, throttle.Use]:
        """Before anything is compared: tries that come at once are counted as they come."""
        refusal: ValidationError = get_adapter().validation_error("too_many_login_attempts")
        use = throttle.consume(context.request, "wrong_code", account=self.account)
        if not use:
            raise refusal
        of_code = throttle.consume(context.request, "tries_of_code", code=self.number)
        if not of_code:
            use.give_back()
            raise ValidationError(refusal.message, code=SPENT)
        return use, of_code


class ConfirmLoginCodeForm(ConfirmCode, allauth_forms.ConfirmLoginCodeForm):
    pass


class ReauthenticateByCodeForm(ConfirmCode, allauth_forms.ConfirmLoginCodeForm):
    pass


class ConfirmPasswordResetCodeForm(ConfirmCode, allauth_forms.ConfirmPasswordResetCodeForm):
    pass


class ConfirmEmailVerificationCodeForm(ConfirmCode, allauth_forms.ConfirmEmailVerificationCodeForm):
    def clean_code(self) -> str:
        """With the right code the address is this person's: an account that only claimed it gives way."""
        code = super().clean_code()
        claimed = User.objects.filter(email__iexact=self.email or "").never_verified()
        claimed.exclude(pk=self.user.pk if self.user else None).delete()
        if self.user is None or _is_of_another(self.email, self.user):
            raise get_adapter().validation_error("email_taken")
        return code


def _is_of_another(email: str, user: User) -> bool:
    """Or may yet go back to another account."""
    has_account = User.objects.with_address(email).exclude(pk=user.pk).exists()
    return has_account or AddressChange.objects.keeping(email).exclude(user=user).exists()


class RequestLoginCodeForm(House, allauth_forms.RequestLoginCodeForm):
    hints = {"email": gettext_lazy("We send you six digits that work for 15 minutes.")}

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        get_adapter().clean_email(email)
        self._user = User.objects.with_address(email).filter(is_active=True).first()
        if not throttle.consume(context.request, "code", account=email):
            raise get_adapter().validation_error("too_many_login_attempts")
        return email


# ---- Signing in and up ----


class LoginForm(House, allauth_forms.LoginForm):
    """One form for both ways: with a password it signs in; without one, or asked to, it has a code sent."""

    labels = {**House.labels, "password": gettext_lazy("Password")}
    hints = {
        "login": gettext_lazy("We send you a code that works for 15 minutes. No password needed."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].required = False

    def clean_password(self) -> str:
        """A browser may have filled it in by itself."""
        return "" if self.data.get("way") == "code" else str(self.cleaned_data["password"])

    def _clean_without_password(self, email: str | None, phone: str | None) -> dict[str, Any]:
        form = RequestLoginCodeForm({"email": email or ""})
        if form.is_valid():
            self.user = form._user
        for error in form.errors.get("email", []):
            self.add_error("login", error)
        return self.cleaned_data


class SignupForm(Traps, House, allauth_forms.SignupForm):
    labels = {**House.labels, "password1": gettext_lazy("Password")}
    hints = {"email": gettext_lazy("We send six digits. They work for 15 minutes."), "password1": PASSWORD_HINT}

    def validate_unique_email(self, value: str) -> str:
        """Unlike allauth, an account that was begun and never entered is no account: it can be begun again."""
        found = User.objects.with_address(value).first()
        self.begun = found if found and User.objects.never_verified().filter(pk=found.pk).exists() else None
        is_kept = AddressChange.objects.keeping(value).exists()
        self.account_already_exists = is_kept or (found is not None and self.begun is None)
        # Counted where the code is sent; without one nothing shall be begun.
        if not throttle.has_room(context.request, "confirm_address", account=value):
            raise get_adapter().validation_error("rate_limited")
        return value

    def try_save(self, request: HttpRequest) -> tuple[AbstractBaseUser | None, HttpResponse | None]:
        request.session.pop(TRAPPED, None)
        if self.is_trapped:
            # The same answer as for an address that has an account already, and no mail (`AccountAdapter.send_mail`).
            request.session[TRAPPED] = self.account_already_exists = True
            logger.warning("The field that nobody sees was filled in when signing up: a robot was turned away.")
        if not self.account_already_exists:
            try:
                with transaction.atomic():
                    user = self.save(request)
            except IntegrityError:
                # Somebody signed up with the same address in this very moment.
                self.account_already_exists = True
            else:
                request.session[SIGNED_UP_AS] = password_mark(user)
                return user, None
        if self.cleaned_data.get("password1"):
            # A new account's password is hashed; the time must not tell that there is none to make.
            make_password(self.cleaned_data["password1"])
        answer: tuple[AbstractBaseUser | None, HttpResponse | None] = super().try_save(request)
        return answer

    def save(self, request: HttpRequest) -> AbstractBaseUser:
        if self.begun is not None:
            user: AbstractBaseUser = get_adapter().save_user(request, self.begun, self)
        else:
            user = super().save(request)
        return user


# ---- Password and address ----


class OnePassword(House):
    """Typed once: whoever mistypes it has a code sent and chooses another one."""

    hints = {"password1": PASSWORD_HINT}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]


class ChangePasswordForm(OnePassword, allauth_forms.ChangePasswordForm):
    def clean_oldpassword(self) -> Any:
        """A wrong one is a guess, as on the page for signing in, and counts as one with those."""
        use = throttle.consume(context.request, "wrong_password", account=self.user.email)
        if not use:
            raise get_adapter().validation_error("rate_limited")
        known = super().clean_oldpassword()
        use.give_back()
        return known


class SetPasswordForm(OnePassword, allauth_forms.SetPasswordForm):
    pass


class ResetPasswordKeyForm(OnePassword, allauth_forms.ResetPasswordKeyForm):
    pass


class ResetPasswordForm(House, allauth_forms.ResetPasswordForm):
    hints = {"email": gettext_lazy("We send you six digits that work for 15 minutes.")}

    def clean_email(self) -> str:
        email: str = get_adapter().clean_email(self.cleaned_data["email"])
        person = User.objects.with_address(email).filter(is_active=True).first()
        self.users = [person] if person else []
        # Counted by allauth's page; here it can be said beside the field.
        if not throttle.has_room(context.request, "reset", account=email):
            raise get_adapter().validation_error("rate_limited")
        return email


class ReauthenticateForm(House, allauth_forms.ReauthenticateForm):
    pass


class ChangeEmailForm(House, allauth_forms.AddEmailForm):
    labels = {**House.labels, "email": gettext_lazy("New email address")}
    hints = {"email": gettext_lazy("We send six digits there. Until you have typed them in, nothing changes.")}
