"""What robots do and people do not: fill in a field that nobody sees, and send a form in the moment it came.

No picture puzzle, and nobody else's server is asked. Works without scripts.
"""

import time
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.http import QueryDict
from django.utils.translation import gettext, gettext_lazy

#: Faster than this nobody types an address; a browser that fills it in still needs a hand.
QUICKEST_SECONDS = 2
#: So long the form may stand open.
LONGEST_SECONDS = 24 * 60 * 60
#: In the session: a robot is shown the page for a code that was never sent.
TRAPPED = "trapped"

_signer = Signer(salt="moment")

if TYPE_CHECKING:
    Base = forms.Form
else:
    Base = object


class Traps(Base):
    """For a form in which a stranger begins something. The template shows `tide` to nobody, and holds `moment`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unseen = forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"})
        # Whoever has no style sheets sees it after all, and is told.
        # Its name is in nobody's profile: what fills in forms for people leaves it empty, whatever `autocomplete` says.
        self.fields["tide"] = forms.CharField(
            required=False, label=gettext_lazy("Leave this field empty"), widget=unseen
        )
        self.fields["moment"] = forms.CharField(required=False, widget=forms.HiddenInput, initial=stamp)

    @property
    def is_trapped(self) -> bool:
        return bool(self.cleaned_data.get("tide"))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.get("tide"):
            self._check_time(str(cleaned.get("moment", "")))
        return cleaned

    def _check_time(self, moment: str) -> None:
        seconds = age(moment)
        if 0 <= seconds < QUICKEST_SECONDS:
            # With the same stamp it goes through the next time.
            self._ask_again(gettext("That went very quickly. Send it once more."), "quick")
        elif not 0 <= seconds <= LONGEST_SECONDS:
            self._ask_again(gettext("This page had been open for a long time. Send it once more."), "old")
            data = QueryDict(mutable=True)
            data.update(self.data)
            data[self.add_prefix("moment")] = stamp(QUICKEST_SECONDS + 1)
            self.data = data

    def _ask_again(self, sentence: str, code: str) -> None:
        """Nothing is lost, a password neither: this once it stands in the answer, which nobody keeps."""
        self.add_error(None, ValidationError(sentence, code=code))
        for field in self.fields.values():
            if isinstance(field.widget, forms.PasswordInput):
                field.widget.render_value = True


def stamp(seconds_ago: float = 0) -> str:
    """The moment, so that only this site can have written it."""
    return _signer.sign(f"{time.time() - seconds_ago:.2f}")


def age(moment: str) -> float:
    """Units: seconds since; below 0 for what is no stamp of ours."""
    try:
        return time.time() - float(_signer.unsign(moment))
    except (BadSignature, ValueError, UnicodeError):
        return -1.0
