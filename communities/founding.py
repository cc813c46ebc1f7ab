"""The forms by which a community is founded: itself, and its first rules."""

import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.forms.boundfield import BoundWidget
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from communities.forms import PlainTextForm, SelfForm
from communities.models import Community, Membership
from communities.presets import HUES, PRESETS, RULES_TAKEN, Preset, Size, preset_of, rules_in
from communities.slugs import check_slug, free_slug
from core.forms import LinesField
from core.text import is_blank


class FoundForm(SelfForm):
    """A new community and its founder's name there. `cleaned_data` is what `actions.found_by` takes, but for the rules.

    `form_id` is made with the page: the same form sent twice founds one community.
    """

    form_id = forms.UUIDField(required=False, initial=uuid.uuid4, widget=forms.HiddenInput)
    size = forms.ChoiceField(
        label=_("How large will your circle be?"),
        choices=[(preset.size.value, preset.title) for preset in PRESETS.values()],
        initial=Size.TABLE.value,
        widget=forms.RadioSelect,
    )
    name = forms.CharField(
        label=_("Name of the group"),
        max_length=60,
        error_messages={"required": _("A group needs a name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    slug = forms.CharField(
        label=_("Address"),
        max_length=100,
        required=False,
        help_text=_("Left empty, it is made from the name. Search engines never see it."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    purpose = LinesField(
        label=_("What is it about?"),
        max_length=300,
        rows=2,
        required=False,
        help_text=_("One or two sentences. Whoever is invited reads them first."),
    )
    hosting = forms.CharField(
        label=_("Who runs the server, and where does it stand?"),
        max_length=300,
        required=False,
        help_text=_("Whoever is invited reads this before they join."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    hue = forms.TypedChoiceField(label=_("Colour"), choices=HUES, coerce=int, initial=166, widget=forms.RadioSelect)
    language = forms.ChoiceField(
        label=_("Language of the group"),
        choices=settings.LANGUAGES,
        widget=forms.RadioSelect,
        help_text=_("Rooms and rules begin in it. Each person chooses their own language for the pages."),
    )
    introduction = None  # type: ignore[assignment]  # Django's way to leave out an inherited field

    def __init__(self, *args: Any, own: Community | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.own = own
        self.fields["language"].initial = (get_language() or settings.LANGUAGE_CODE).partition("-")[0]

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        if is_blank(name):
            raise forms.ValidationError(_("A group needs a name."), code="required")
        return name

    def clean_slug(self) -> str:
        """Empty is filled in by `clean`, which knows the name."""
        slug = str(self.cleaned_data["slug"]).strip().lower()
        if slug:
            check_slug(slug, own=self.own.pk if self.own else None)
        return slug

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("slug") == "" and cleaned.get("name"):
            cleaned["slug"] = self.own.slug if self.own else free_slug(cleaned["name"])
        return cleaned

    @classmethod
    def of_founder(cls, founder: Membership, data: Any = None) -> "FoundForm":
        """To change what was founded, for as long as nobody else is in it."""
        place = founder.community
        kept = {name: getattr(place, name) for name in ("name", "slug", "purpose", "hosting", "hue", "language")}
        initial = {**kept, "size": preset_of(place.size_limit).size.value, "display_name": founder.display_name}
        return cls(data, initial=initial, own=place)

    @property
    def presets(self) -> Iterator[tuple[BoundWidget, Preset]]:
        """Each size's control with what it means."""
        for option in self["size"]:
            yield option, PRESETS[option.data["value"]]


class FirstRulesForm(PlainTextForm):
    """Up to eight rules in a row: what was agreed on or the templates, and two empty places. At least one is kept."""

    MOST = 8

    def __init__(self, data: Any = None, *, language: str, agreed: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(data)
        begin = [(title, text, True) for title, text in agreed]
        known = {title for title, _text, _is_kept in begin}
        for place, (title, text) in enumerate(rules_in(language)):
            if title not in known:
                begin.append((title, text, place < RULES_TAKEN and not agreed))
        begin = begin[: max(self.MOST - 2, len(agreed))]
        begin += [("", "", True)] * (self.MOST - len(begin))
        for number, (title, text, is_kept) in enumerate(begin, start=1):
            self._add(number, title, text, is_kept)

    def _add(self, number: int, title: str, text: str, is_kept: bool) -> None:
        label = _("Use this rule") if title else _("A rule of your own")
        self.fields[f"kept_{number}"] = forms.BooleanField(label=label, required=False, initial=is_kept)
        self.fields[f"title_{number}"] = forms.CharField(
            label=_("Rule"),
            max_length=100,
            required=False,
            initial=title,
            widget=forms.TextInput(attrs={"dir": "auto"}),
        )
        self.fields[f"text_{number}"] = LinesField(
            label=_("In a few words"), max_length=600, required=False, rows=2, initial=text
        )

    @property
    def rows(self) -> Iterator[dict[str, Any]]:
        """Shape: of each place its number, and the fields "kept", "title" and "text"."""
        for number in range(1, self.MOST + 1):
            named = {name: self[f"{name}_{number}"] for name in ("kept", "title", "text")}
            yield {"number": number, **named}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for number in self._kept(cleaned):
            if is_blank(cleaned.get(f"title_{number}", "")) and not is_blank(cleaned.get(f"text_{number}", "")):
                self.add_error(f"title_{number}", _("Say in a few words what the rule is called."))
        if not self.errors and not self.rules:
            raise forms.ValidationError(_("A group needs one rule at least."), code="none")
        return cleaned

    @property
    def rules(self) -> list[tuple[str, str]]:
        """What was kept: pairs of title and text."""
        cleaned = self.cleaned_data
        kept = [(cleaned[f"title_{number}"], cleaned[f"text_{number}"]) for number in self._kept(cleaned)]
        return [(title, text) for title, text in kept if not is_blank(title)]

    def _kept(self, cleaned: dict[str, Any]) -> list[int]:
        return [number for number in range(1, self.MOST + 1) if cleaned.get(f"kept_{number}")]
