"""The shape and wording of what people type about invitations and themselves."""

import re
import uuid
from typing import Any, Self

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from communities.models import Community, Invitation, Membership
from core.forms import LinesField
from core.pictures import LARGEST, PictureError, Webp, reencode
from core.text import is_storable, tidy_name

SHORTEST_NAME = 2
_TOKEN = re.compile(r"(?:.*/i/)?([A-Za-z0-9_-]{8,64})/?\s*$", re.DOTALL)


class EnterInvitationForm(forms.Form):
    """A link as it was given, or only its end."""

    link = forms.CharField(
        label=_("Link of your invitation"),
        max_length=500,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
        error_messages={"required": _("Paste the link that you were given.")},
    )

    def clean_link(self) -> str:
        """Shape: the token."""
        found = _TOKEN.fullmatch(self.cleaned_data["link"])
        if found is None:
            raise forms.ValidationError(_("This does not look like an invitation. Paste the whole link."))
        return found[1]


class AgreementForm(forms.Form):
    """Agreeing to the rules is what an invitation asks for, where there are any."""

    agree = forms.BooleanField(
        label=_("I have read the rules and agree."),
        error_messages={"required": _("You can join when you agree to the rules.")},
    )

    def __init__(self, *args: Any, has_rules: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_rules:
            del self.fields["agree"]


class PlainTextForm(forms.Form):
    """Every text can be stored and shown."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, value in list(cleaned.items()):  # an error takes its field out
            if isinstance(value, str) and not is_storable(value):
                self.add_error(name, _("This text contains characters that cannot be shown."))
        return cleaned


class SelfForm(PlainTextForm):
    """How someone appears in one community."""

    display_name = forms.CharField(
        label=_("Your name in this group"),
        max_length=40,
        help_text=_("A first name or a nickname is enough. You can change it later."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Tell the others what to call you.")},
    )
    introduction = LinesField(label=_("A few words about you"), max_length=300, required=False)

    def clean_display_name(self) -> str:
        name = tidy_name(self.cleaned_data["display_name"])
        if len(name) < SHORTEST_NAME:
            raise forms.ValidationError(_("A name has at least two characters here."), code="short")
        return name

    @classmethod
    def of(cls, member: Membership, data: Any = None, files: Any = None) -> Self:
        initial = {"display_name": member.display_name, "introduction": member.introduction}
        return cls(data, files, initial=initial)


class ProfileForm(SelfForm):
    """How a member appears, with a picture. What is in the file is looked at later (`draw`) and apart."""

    picture = forms.FileField(
        label=_("Picture"),
        required=False,
        help_text=_(
            "JPEG, PNG, WebP or GIF, up to 10 MB. We keep a small square from its middle, without place or date."
        ),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/gif"}),
        error_messages={"empty": _("This file is empty.")},
    )
    removes_picture = forms.BooleanField(label=_("Remove my picture"), required=False)


def draw(picture: "UploadedFile[bytes]", *, member: Membership) -> Webp:
    """What is kept of the file.

    Raises: ValidationError, in words for its field.
    """
    try:
        return reencode(picture.read(LARGEST + 1), whose=member.pk)
    except PictureError as error:
        if error.is_busy:
            message, code = _("Too many pictures are being drawn right now. Try again in a minute."), "busy"
        elif error.is_too_large:
            message, code = _("This picture is too large. Take one of up to 10 MB and 40 megapixels."), "large"
        else:
            message, code = _("This file cannot be shown as a picture. Take a JPEG, PNG, WebP or GIF."), "bad"
        raise forms.ValidationError({"picture": forms.ValidationError(message, code=code)}) from None


class PresenceForm(forms.Form):
    """What others may see of oneself in passing. Nothing is ticked until somebody ticks it."""

    shows_presence = forms.BooleanField(
        label=_("Others may see when I am here"),
        required=False,
        help_text=_("A warm dot beside your name while you are here. Never a time."),
    )
    shows_typing = forms.BooleanField(
        label=_("Others may see when I am writing"),
        required=False,
        help_text=_("Your name above the field where they write. Never what you write."),
    )

    @classmethod
    def as_chosen_by(cls, member: Membership) -> "PresenceForm":
        return cls(initial={name: getattr(member, name) for name in cls.base_fields})


class JoinForm(PresenceForm, SelfForm):
    """How a newcomer wants to appear. What the community does not show is not asked for."""

    def __init__(self, data: Any = None, *, community: Community, **options: Any) -> None:
        super().__init__(data, **options)
        if not community.allows_presence:
            del self.fields["shows_presence"]
        if not community.allows_typing:
            del self.fields["shows_typing"]

    @property
    def choices(self) -> list[forms.BoundField]:
        """The two questions about presence, as far as they are asked."""
        return [self[name] for name in PresenceForm.base_fields if name in self.fields]


class CommunityForm(forms.Form):
    """The settings of a community."""

    size_limit = forms.IntegerField(
        label=_("How many people at most"),
        min_value=Community.FEWEST,
        max_value=Community.MOST,
        help_text=_("From 2 to 150. Everybody who is in the group counts, guests too."),
    )
    allows_presence = forms.BooleanField(
        label=_("Show who is here"), required=False, help_text=_("Only people who chose it for themselves.")
    )
    allows_typing = forms.BooleanField(
        label=_("Show who is writing"), required=False, help_text=_("Only people who chose it for themselves.")
    )

    @classmethod
    def of(cls, community: Community, data: Any = None) -> "CommunityForm":
        return cls(data, initial={name: getattr(community, name) for name in cls.base_fields})


class InviteForm(PlainTextForm):
    """A new invitation, with the defaults that most need: one person, a week.

    `form_id` is made with the page, so that a second click finds the first one's invitation. The form is not completed
    by the browser: Firefox would fill in the id of the page that was loaded again.
    """

    form_id = forms.UUIDField(required=False, initial=uuid.uuid4, widget=forms.HiddenInput)
    label = forms.CharField(
        label=_("Who is the invitation for?"),
        max_length=60,
        required=False,
        help_text=_("Only for this list. The invitation does not show it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    note = LinesField(label=_("A few personal words"), max_length=600, required=False)
    max_uses = forms.IntegerField(
        label=_("For how many people?"), min_value=1, max_value=Invitation.MOST_USES, initial=1
    )
    days = forms.IntegerField(
        label=_("Open for how many days?"), min_value=1, max_value=Invitation.MOST_DAYS, initial=7
    )
    shows_inviter = forms.BooleanField(label=_("Show my name on the invitation"), required=False, initial=True)
