"""Who may write, change and delete messages."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from communities.models import Membership, Room
from communities.permissions import check_may_write
from messaging.models import Message


def check_post_message(member: Membership, room: Room) -> None:
    """Raises: PermissionDenied while the member may not write. The room is one they may see."""
    check_may_write(member)


def check_change_message(member: Membership, message: Message) -> None:
    """Raises: PermissionDenied for others' messages and deleted ones, and while the member may not write."""
    if message.author_id != member.pk:
        raise PermissionDenied(_("Only the author can edit a message."))
    if message.deleted_at is not None:
        raise PermissionDenied(_("This message has been deleted."))
    check_may_write(member)


def check_delete_message(member: Membership, message: Message) -> None:
    """Raises: PermissionDenied for others' messages. One's own can be deleted while muted, too."""
    if message.author_id != member.pk:
        raise PermissionDenied(_("Only the author can delete a message."))
