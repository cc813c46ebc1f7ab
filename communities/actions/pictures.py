"""Showing one's face, or not."""

from functools import partial

from django.db import transaction
from django.db.models import F

from communities.actions.shared import cut_on_commit
from communities.models import Membership, Picture
from communities.signals import member_renamed
from core.pictures import Webp


@transaction.atomic
def choose_picture(*, member: Membership, webp: Webp | None) -> None:
    """Show this picture from now on, or with None the drawn rings again; the one before is gone.

    Emits: member_renamed, since open pages show the face beside the name.
    """
    own = Membership.objects.current().filter(pk=member.pk)
    before = own.select_for_update(no_key=True).first()
    if before is None:
        return  # who left or was banned meanwhile shows nothing any more
    picture = Picture.objects.create(webp=webp) if webp else None
    own.update(picture=picture, profile_version=F("profile_version") + 1)
    if before.picture:
        before.picture.delete()
    member.refresh_from_db(fields=["picture", "profile_version"])
    transaction.on_commit(partial(member_renamed.send, sender=Membership, membership_id=member.pk), robust=True)
    cut_on_commit(member)
