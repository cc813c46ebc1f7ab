"""What accounts ask of communities without knowing them."""

import uuid

from accounts.adapter import way_in
from communities.actions import InvalidInvitation, find_begun_joining


@way_in
def still_admits(pending_id: object) -> bool:
    """Whether a joining that was begun could still end well: its invitation has not ended meanwhile."""
    try:
        find_begun_joining(pending_id=uuid.UUID(str(pending_id)), user_id=None)
    except (InvalidInvitation, ValueError):
        return False
    return True
