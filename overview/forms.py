"""The shape of what pages that look across the rooms are asked."""

import uuid

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

#: More rooms than a community has; a form is not a way to ask for thousands.
MOST_MARKS = 200


class MarksField(forms.Field):
    """Which rooms have been read, and up to where. Shape: room id → number."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: list[str] | None) -> dict[uuid.UUID, int]:
        try:
            pairs = [mark.split(":") for mark in (value or [])[:MOST_MARKS]]
            return {uuid.UUID(room): min(max(int(number[:20]), 0), 2**62) for room, number in pairs}
        except ValueError:
            raise ValidationError(_("This page was too old. Try again."), code="marks") from None


class ReadingForm(forms.Form):
    read = MarksField()
