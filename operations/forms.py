"""The shape and wording of what an operator decides."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from communities.models import Intervention, Role
from core.forms import LinesField
from core.models import Installation
from core.text import is_storable
from operations.legal import CLOSE, OPEN, template

LONGEST_TEXT, LONGEST_IMPRINT, LONGEST_CONTACT = 60_000, 20_000, 500


class SettingsForm(forms.Form):
    """Some of the installation's settings, under the names they have in its row."""

    @classmethod
    def of(cls, row: Installation, data: Any = None) -> "SettingsForm":
        return cls(data, initial=cls.initial_of(row))

    @classmethod
    def initial_of(cls, row: Installation) -> dict[str, Any]:
        return {name: getattr(row, name) for name in cls.base_fields if hasattr(row, name)}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, value in list(cleaned.items()):
            if isinstance(value, str) and not is_storable(value):
                self.add_error(name, _("This text contains characters that cannot be shown."))
        return cleaned

    @property
    def values(self) -> dict[str, str]:
        """Of a valid form: what stands in the row, by its names there."""
        return {name: str(value) for name, value in self.cleaned_data.items() if hasattr(Installation, name)}


class Choice(forms.RadioSelect):
    """Each choice with a sentence that says what follows from it."""

    def __init__(self, consequences: dict[str, Any]) -> None:
        super().__init__()
        self.consequences = consequences

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        return option | {"consequence": self.consequences.get(str(value), "")}


class AccessForm(SettingsForm):
    """Who may open accounts, and who may found groups."""

    sign_up = forms.ChoiceField(
        label=gettext_lazy("Who may open an account"),
        choices=Installation.SignUp.choices,
        widget=Choice(
            {
                "invitation": gettext_lazy("The usual choice. Nobody can find this place by chance."),
                "anyone": gettext_lazy("Whoever finds this place. They see no group before somebody invites them."),
                "nobody": gettext_lazy("Those who have an account can still sign in. Invitations are for them only."),
            }
        ),
    )
    founders = forms.ChoiceField(
        label=gettext_lazy("Who may found groups"),
        choices=Installation.Founders.choices,
        widget=Choice(
            {
                "operators": gettext_lazy("You found them and hand them over."),
                "anyone": gettext_lazy("At most two each. You see number and size, never contents."),
            }
        ),
    )


class PlaceForm(SettingsForm):
    """What the place is called, and what it speaks to those of whom nothing is known."""

    name = forms.CharField(
        label=gettext_lazy("Name of the place"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Stands in every title and mail. It names no group."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=[("", gettext_lazy("As set on the server")), *settings.LANGUAGES],
        required=False,
        help_text=gettext_lazy("For browsers that ask for none of our languages. Everybody chooses their own."),
    )

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())


class _TextsForm(SettingsForm):
    """A text in both languages. Where there is none the field shows one to begin with; unchanged it counts as none."""

    kind: ClassVar[str]

    @classmethod
    def initial_of(cls, row: Installation) -> dict[str, Any]:
        found = super().initial_of(row)
        for code, _name in settings.LANGUAGES:
            name = f"{cls.kind}_{code}"
            found[name] = found[name] or template(cls.kind, code)
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for code, _name in settings.LANGUAGES:
            name = f"{self.kind}_{code}"
            text = str(cleaned.get(name, "")).strip()
            if text == template(self.kind, code):
                cleaned[name] = ""
            elif OPEN in text:
                left = text[text.index(OPEN) :].partition(CLOSE)[0].removeprefix(OPEN).strip()
                self.add_error(name, _("Something is left to be filled in: “%(words)s”.") % {"words": left[:80]})
        return cleaned


def _text(label: Any, language: str, longest: int, rows: int) -> LinesField:
    field = LinesField(label=label, max_length=longest, required=False, rows=rows)
    field.widget.attrs.update({"lang": language, "spellcheck": "true"})
    return field


class EntryForm(SettingsForm):
    """Whom the operators want to let into a community, and why. `asks`: whether there is an owner to be asked."""

    label = forms.CharField(
        label=gettext_lazy("Who is the invitation for?"),
        max_length=60,
        help_text=gettext_lazy("The owners of the group read it, and decide by it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=[choice for choice in Role.Code.choices if choice[0] != Role.Code.GUEST],
        initial=Role.Code.MEMBER,
    )
    reason = LinesField(
        label=gettext_lazy("Why do you ask?"),
        max_length=Intervention.LONGEST_REASON,
        help_text=gettext_lazy("The owners read this, too."),
    )

    def __init__(self, data: Any = None, *, asks: bool) -> None:
        super().__init__(data)
        if not asks:
            self.fields["label"].help_text = ""
            del self.fields["reason"]


class PrivacyForm(_TextsForm):
    kind = "privacy"
    privacy_de = _text(gettext_lazy("Privacy text in German"), "de", LONGEST_TEXT, 18)
    privacy_en = _text(gettext_lazy("Privacy text in English"), "en", LONGEST_TEXT, 18)


class TermsForm(_TextsForm):
    kind = "terms"
    terms_de = _text(gettext_lazy("Terms in German"), "de", LONGEST_TEXT, 18)
    terms_en = _text(gettext_lazy("Terms in English"), "en", LONGEST_TEXT, 18)


class ImprintForm(_TextsForm):
    """How the place can be reached, and who answers for it; or that it is purely private."""

    kind = "imprint"
    contact = LinesField(
        label=gettext_lazy("How to reach you"),
        max_length=LONGEST_CONTACT,
        required=False,
        help_text=gettext_lazy("An email address or a telephone number that somebody looks after. Everybody sees it."),
    )
    is_private = forms.ChoiceField(
        label=gettext_lazy("Who runs this place"),
        choices=[("", gettext_lazy("Association or company")), ("yes", gettext_lazy("Purely private"))],
        required=False,
        widget=Choice(
            {
                "": gettext_lazy("Name, address and contact stand in the imprint."),
                "yes": gettext_lazy("No imprint. You confirm that only family and friends use it."),
            }
        ),
    )
    confirms = forms.BooleanField(
        label=gettext_lazy("Only family and friends use this place. It serves no business and no association."),
        required=False,
        help_text=gettext_lazy("The imprint page says that you have confirmed this, and when."),
    )
    imprint_de = _text(gettext_lazy("Imprint in German"), "de", LONGEST_IMPRINT, 10)
    imprint_en = _text(gettext_lazy("Imprint in English"), "en", LONGEST_IMPRINT, 10)

    @classmethod
    def initial_of(cls, row: Installation) -> dict[str, Any]:
        is_private = row.private_since is not None
        return super().initial_of(row) | {"is_private": "yes" if is_private else "", "confirms": is_private}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("is_private") and not cleaned.get("confirms"):
            self.add_error("confirms", _("Without this confirmation the place needs an imprint."))
        return cleaned
