"""What is typed into the steps that have no form elsewhere."""

from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _

from accounts.forms import PASSWORD_HINT
from accounts.models import User
from communities.forms import PlainTextForm
from core.text import is_blank

_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class ServerForm(PlainTextForm):
    """What the place is called, and which language it speaks to those who have chosen none."""

    name = forms.CharField(
        label=_("Name of the place"),
        max_length=60,
        error_messages={"required": _("The place needs a name.")},
        help_text=_("Stands in titles and mails. It may be the name of your club, or just “Kreis”."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    language = forms.ChoiceField(
        label=_("Language of the place"),
        choices=settings.LANGUAGES,
        widget=forms.RadioSelect,
        help_text=_("For pages and mails where nobody has chosen one. Each person can change it for themselves."),
    )

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        if is_blank(name):
            raise forms.ValidationError(_("The place needs a name."), code="required")
        return name


class TestAddressForm(forms.Form):
    """Where the test mail goes."""

    __test__ = False  # for pytest, which takes it for a test

    test_to = forms.EmailField(
        label=_("Send a test mail to"),
        max_length=254,
        help_text=_("An address whose mail you can read now."),
        error_messages={"required": _("Where should the test mail go?")},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def clean_test_to(self) -> str:
        address: str = get_adapter().clean_email(self.cleaned_data["test_to"])
        return address


class OperatorForm(forms.Form):
    """The account of whoever runs the place."""

    email = forms.EmailField(
        label=_("Your email address"),
        max_length=254,
        help_text=_("You sign in with it. No member ever sees it."),
        error_messages={"required": _("You sign in with an address: type it in.")},
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=4096,
        strip=False,
        help_text=PASSWORD_HINT,
        error_messages={"required": _("Choose a password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_email(self) -> str:
        address: str = get_adapter().clean_email(self.cleaned_data["email"].strip().lower())
        return address

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("password"):
            try:
                password_validation.validate_password(cleaned["password"], User(email=cleaned.get("email", "")))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return cleaned


class TokenForm(forms.Form):
    """The token of the start's output, for whom the link could not be clicked."""

    token = forms.CharField(
        label=_("Token"),
        max_length=300,
        error_messages={"required": _("Paste the token.")},
        widget=forms.TextInput(attrs=_PLAIN),
    )

    def clean_token(self) -> str:
        """The token alone, also out of the whole link."""
        return str(self.cleaned_data["token"]).strip().rpartition("token=")[2]
