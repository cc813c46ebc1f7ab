"""What several use cases of a community ask and do alike."""

from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from communities.models import (
    Membership,
)
from core.text import is_storable
from realtime.publish import revoke


def check_text(text: str, *, longest: int) -> None:
    if not is_storable(text):
        raise ValidationError(_("This text contains characters that cannot be shown."), code="unstorable")
    if len(text.strip()) > longest:
        raise ValidationError(_("This text is too long."), code="long")


def cut_on_commit(member: Membership) -> None:
    if member.user_id is not None:
        transaction.on_commit(partial(revoke, member.user_id), robust=True)
