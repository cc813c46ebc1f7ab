"""Showing one's face, or not."""

from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from communities.actions.shared import cut_on_commit
from communities.models import Membership, Picture
from communities.signals import member_renamed
from core.pictures import PictureError, reencode


def choose_picture(*, member: Membership, data: bytes) -> None:
    """Show this picture from now on; the one before is gone.

    Raises: ValidationError. Emits: member_renamed, since open pages show the face beside the name.
    """
    try:
        webp = reencode(data)
    except PictureError as error:
        if error.is_too_large:
            raise ValidationError(_("This picture is too large: 10 MB and 40 megapixels at most."), "large") from None
        refusal = _("This file cannot be shown as a picture. Take a JPEG, PNG, WebP or GIF.")
        raise ValidationError(refusal, "unreadable") from None
    _show(member, webp)


def remove_picture(*, member: Membership) -> None:
    """Show the drawn rings again. Emits: member_renamed."""
    _show(member, None)


@transaction.atomic
def _show(member: Membership, webp: bytes | None) -> None:
    own = Membership.objects.filter(pk=member.pk, left_at=None)
    before = own.select_for_update(no_key=True).values_list("picture", flat=True).first()
    # Whoever left meanwhile shows nothing any more.
    picture = Picture.objects.create(webp=webp) if webp and own.exists() else None
    own.update(picture=picture, profile_version=F("profile_version") + 1)
    Picture.objects.filter(pk__in=[before] if before else []).delete()
    member.refresh_from_db(fields=["picture", "profile_version"])
    transaction.on_commit(partial(member_renamed.send, sender=Membership, membership_id=member.pk), robust=True)
    cut_on_commit(member)
