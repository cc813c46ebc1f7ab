"""What accounts ask of communities without knowing them."""

import uuid
from contextlib import suppress
from typing import Any

from django.dispatch import receiver

from accounts.adapter import way_in
from accounts.signals import account_begun
from communities.actions import InvalidInvitation, find_begun_joining, note_opened_account


@way_in
def still_admits(pending_id: object) -> bool:
    """Whether a joining that was begun could still end well: its invitation has not ended meanwhile, and has not opened
    more accounts than it may.
    """
    try:
        return find_begun_joining(pending_id=uuid.UUID(str(pending_id)), user_id=None).invitation.opens_accounts
    except (InvalidInvitation, ValueError):
        return False


@receiver(account_begun)
def count_account(begun: object, **kwargs: Any) -> None:
    """Also where its address is never proven: otherwise one who turns back in between would not be counted."""
    with suppress(ValueError):
        note_opened_account(pending_id=uuid.UUID(str(begun)))
