"""The shape of what is written."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import LinesField
from core.text import is_storable
from messaging.models import Message


class MessageForm(forms.Form):
    """A new message; `client_id` was made with the page, so that a second click finds the first."""

    client_id = forms.UUIDField(widget=forms.HiddenInput)
    text = forms.CharField(label=_("Message"), strip=False, required=False, max_length=4 * Message.LONGEST)


class EditForm(forms.Form):
    """New words for an old message."""

    text = LinesField(
        label=_("Message"),
        strip=False,
        max_length=Message.LONGEST,
        rows=5,
        error_messages={"max_length": _("This message is too long. 8,000 characters fit.")},
    )

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if not text.strip():
            raise forms.ValidationError(_("Write something first."))
        if not is_storable(text):
            raise forms.ValidationError(_("This message contains characters that cannot be stored."))
        return text


class ReadForm(forms.Form):
    """Up to which message someone has read."""

    sequence = forms.IntegerField(min_value=0, max_value=2**62)


class WindowForm(forms.Form):
    """Which part of a room's messages a page shows or asks for: before, after or around a number; since a change,
    by a page that shows those from `first` to `last`.
    """

    before = forms.IntegerField(min_value=1, max_value=2**62, required=False)
    after = forms.IntegerField(min_value=0, max_value=2**62, required=False)
    at = forms.IntegerField(min_value=0, max_value=2**62, required=False)
    since = forms.IntegerField(min_value=0, max_value=2**62, required=False)
    first = forms.IntegerField(min_value=0, max_value=2**62, required=False)
    last = forms.IntegerField(min_value=0, max_value=2**62, required=False)

    @classmethod
    def read(cls, data: Any) -> dict[str, int | None]:
        """The numbers of a query string; what is no number counts as not given."""
        form = cls(data)
        form.is_valid()
        return {name: form.cleaned_data.get(name) for name in cls.base_fields}
