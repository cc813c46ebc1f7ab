"""What several use cases of a community ask and do alike."""

from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from communities.models import Community, Membership
from core.text import is_storable
from realtime.publish import revoke


def check_text(text: str, *, longest: int) -> None:
    if not is_storable(text):
        raise ValidationError(_("This text contains characters that cannot be shown."), code="unstorable")
    if len(text.strip()) > longest:
        raise ValidationError(_("This text is too long."), code="long")


def check_seat_is_free(community: Community) -> None:
    """Raises: ValidationError where as many people are in the community as fit in. For those who may know of it."""
    if community.memberships.seated().count() >= community.size_limit:
        raise ValidationError(_("Every seat in this group is taken."), code="full")


def cut_on_commit(member: Membership) -> None:
    if member.user_id is not None:
        transaction.on_commit(partial(revoke, member.user_id), robust=True)
