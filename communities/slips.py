"""Invitations on paper: four to a sheet, each with a name, a picture to scan, and the link that it stands for."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from communities.actions import invite
from communities.actions.invitations import INVITATION_PURPOSE
from communities.forms import PlainTextForm
from communities.models import Invitation, Membership
from core.keys import keyed_hash

TO_A_SHEET = 4


@dataclass(frozen=True, slots=True)
class Slip:
    """`url` admits one person, or as many as the invitation says: it stands nowhere but here."""

    invitation: Invitation
    url: str


class SlipsForm(PlainTextForm):
    """For whom slips are made: a name each, or none for whoever gets it.

    `form_id` is made with the page: the same form sent twice makes the same invitations, and shows them again.
    """

    form_id = forms.UUIDField(required=False, initial=uuid.uuid4, widget=forms.HiddenInput)
    days = forms.IntegerField(
        label=_("Open for how many days?"), min_value=1, max_value=Invitation.MOST_DAYS, initial=14
    )
    names_group = forms.BooleanField(
        label=_("Print the name of the group"),
        required=False,
        help_text=_("Otherwise nothing on the paper tells which group it is."),
    )

    def __init__(self, data: Any = None, *, most: int = TO_A_SHEET, fewest: int = TO_A_SHEET) -> None:
        """`fewest` slips are made, however few names there are."""
        super().__init__(data)
        self.most, self.fewest = most, fewest
        for number in range(1, most + 1):
            self.fields[f"name_{number}"] = forms.CharField(
                label=_("Name"), max_length=60, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
            )

    @property
    def names(self) -> Iterator[BoundField]:
        for number in range(1, self.most + 1):
            yield self[f"name_{number}"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not self._wanted(cleaned):
            self.add_error("name_1", _("Who is the first invitation for?"))
        return cleaned

    def _wanted(self, cleaned: dict[str, Any]) -> list[tuple[int, str]]:
        """Pairs of a number and a name: those with a name first, then without, up to the fewest."""
        given = [(n, str(cleaned.get(f"name_{n}", "")).strip()) for n in range(1, self.most + 1)]
        named = [(number, name) for number, name in given if name]
        nameless = [(number, name) for number, name in given if not name]
        return named + nameless[: max(0, self.fewest - len(named))]

    def make(self, member: Membership, request: HttpRequest) -> list[Slip]:
        """Of a valid form. Raises: PermissionDenied, ValidationError as inviting does."""
        slips = []
        for number, name in self._wanted(self.cleaned_data):
            made, token = invite(
                community=member.community,
                inviter=member,
                label=name,
                days=self.cleaned_data["days"],
                form_id=_id_of(self.cleaned_data["form_id"], number),
            )
            slips.append(Slip(made, link(request, token)))
        return slips


def _id_of(form_id: uuid.UUID | None, number: int) -> uuid.UUID | None:
    """Of each slip another one, and the same again with the same form."""
    return uuid.uuid5(form_id, str(number)) if form_id else None


def link(request: HttpRequest, token: str) -> str:
    return request.build_absolute_uri(reverse("invitation", args=[token]))


def slip_of(member: Membership, request: HttpRequest, token: str) -> Slip | None:
    """For an invitation that was just made, whose token only the page knows; nothing where it is none of theirs."""
    seen = Invitation.objects.visible_to(member).open()
    found = seen.filter(token_hash=keyed_hash(INVITATION_PURPOSE, token)).first()
    return Slip(found, link(request, token)) if found else None
