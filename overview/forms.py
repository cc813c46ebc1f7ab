"""The shape of what pages that look across the rooms are asked."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from communities.models import Room
from core.text import is_storable
from messaging.finding import Place
from overview import typed
from overview.search import Query, find_rooms

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


class SearchForm(forms.Form):
    """Words, with or without `from:` and the like; the same as fields. What both say has to hold."""

    q = forms.CharField(
        required=False,
        max_length=typed.LONGEST,
        label=gettext_lazy("What are you looking for?"),
        widget=forms.SearchInput,
    )
    sender = forms.CharField(required=False, max_length=40, label=gettext_lazy("From"))
    room = forms.ChoiceField(required=False, label=gettext_lazy("In"))
    after = forms.DateField(required=False, label=gettext_lazy("After"), input_formats=["%Y-%m-%d"])
    before = forms.DateField(required=False, label=gettext_lazy("Before"), input_formats=["%Y-%m-%d"])

    #: What the fields are called in an address.
    NAMES = {"sender": "from", "room": "in"}
    #: As days are written in what is typed.
    DAYS = ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"]

    def __init__(self, data: Mapping[str, Any], rooms: Sequence[Room]) -> None:
        super().__init__(data)
        self.rooms = rooms
        everywhere = ("", gettext_lazy("all rooms"))
        self.fields["room"].choices = [everywhere, *((str(room.pk), room.name) for room in rooms)]  # type: ignore[attr-defined]
        for day in ("after", "before"):
            self.fields[day].widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        self.typed = typed.Typed()

    def add_prefix(self, field_name: str) -> str:
        return self.NAMES.get(field_name, field_name)

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        for day in {"after", "before"} & set(self.errors):
            # What is no day cannot stand in a field for days, and would be lost.
            self.fields[day].widget.input_type = "text"

    def clean_q(self) -> str:
        text = str(self.cleaned_data["q"])
        if not is_storable(text):
            raise ValidationError(_("Some of these characters cannot be looked for."))
        # As it was typed: a blank at the end says that the last word is whole.
        raw = str(self.data.get("q", ""))
        self.typed = typed.understand(raw if raw.strip() == text else text)
        if self.typed.has_rest and not (self.typed.terms or self.typed.filters):
            raise ValidationError(_("There is nothing in it to look for: type a word, a number or an emoji."))
        if self.typed.has_too_many_terms:
            raise ValidationError(_("Eight words are enough: leave some out."))
        return text

    def clean_sender(self) -> str:
        if not is_storable(sender := str(self.cleaned_data["sender"])):
            raise ValidationError(_("Some of these characters cannot be looked for."))
        return sender

    def query(self) -> Query | None:
        """What is looked for; None where it cannot be understood, and the fields say why.

        Shape: of a valid form.
        """
        said, chosen = self.typed.filters, self.cleaned_data
        rooms = [room for room in self.rooms if str(room.pk) == chosen["room"]] if chosen["room"] else None
        if name := said.get("room"):
            named = find_rooms(self.rooms, name)
            if not named:
                self.add_error("q", _("You know no room whose name begins with “%(name)s”.") % {"name": name})
            rooms = [room for room in named if rooms is None or room in rooms]
        days = {key: self._days(said.get(key), chosen[key]) for key in ("after", "before")}
        senders = {sender for sender in (said.get("sender"), chosen["sender"]) if sender}
        if self.errors:
            return None
        return Query(
            terms=self.typed.terms,
            is_going_on=self.typed.is_going_on,
            senders=sorted(senders),
            rooms=rooms,
            after=max(days["after"], default=None),
            before=min(days["before"], default=None),
        )

    def _days(self, said: str | None, chosen: Any) -> list[Any]:
        days = [chosen] if chosen else []
        if said:
            try:
                days.append(forms.DateField(input_formats=self.DAYS).clean(said))
            except ValidationError:
                self.add_error("q", _("Write the day like this: 24.12.2026 or 2026-12-24."))
        return days


def place_of(text: str) -> Place | None:
    """Where the older ones begin, as an address carries it; None where it is no such thing."""
    try:
        at, last = text.split("_")
        moment = datetime.fromisoformat(at)
        return (moment.astimezone(UTC), uuid.UUID(last)) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def written(place: Place) -> str:
    return f"{place[0].isoformat()}_{place[1]}"
