"""Changing and deleting what one wrote."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from communities.entries import entries_of_members
from communities.models import Membership
from core import limits
from messaging import markdown
from messaging.actions.logs import locked_log, tell_after_commit
from messaging.actions.posting import Refusal, shape_refusal, tidy_text
from messaging.models import Message, RoomLog
from messaging.permissions import check_change_message, check_delete_message


def edit_message(*, actor: Membership, message: Message, text: str) -> Message | Refusal:
    """Change one's own message; everyone sees that it was changed.

    Raises: PermissionDenied where the message is not the actor's or the actor may not write (any more).
    """
    check_change_message(actor, message)
    text = tidy_text(text)
    refusal = shape_refusal(text)
    if refusal:
        return refusal
    if not limits.is_within(f"edits:{actor.pk}", times=40, seconds=20):
        return Refusal(_("That was a lot at once. Wait a moment, then go on."), is_final=False)
    with transaction.atomic():
        log = locked_log(message.room_id)
        message.refresh_from_db(fields=["text", "deleted_at"])
        check_change_message(_author_now(actor, message), message)
        if text == message.text:
            return message
        message.text, message.html, message.renderer_version = text, markdown.render(text), markdown.VERSION
        message.edited_at = timezone.now()
        _save_change(message, log, "text", "html", "renderer_version", "edited_at")
    return message


def delete_message(*, actor: Membership, message: Message) -> bool:
    """Delete one's own message: text and HTML are gone, a line stays so that replies make sense.

    Returns whether something changed. Raises: PermissionDenied for others' messages, and for who is no longer there.
    """
    check_delete_message(actor, message)
    with transaction.atomic():
        log = locked_log(message.room_id)
        message.refresh_from_db(fields=["deleted_at"])
        check_delete_message(_author_now(actor, message), message)
        if message.deleted_at is not None:
            return False
        message.text = message.html = ""
        message.deleted_at = timezone.now()
        _save_change(message, log, "text", "html", "deleted_at")
    return True


def _save_change(message: Message, log: RoomLog, *fields: str) -> None:
    log.change += 1
    message.change = log.change
    log.save(update_fields=["change"])
    message.save(update_fields=[*fields, "change"])
    tell_after_commit([message], is_new=False)


def _author_now(author: Membership, message: Message) -> Membership:
    """The author as the database has them, inside the writing transaction.

    Raises: PermissionDenied where they are no longer a member or no longer in the room.
    """
    pair = (author.pk, message.room_id)
    entry = entries_of_members([pair]).get(pair)
    if entry is None:
        raise PermissionDenied(_("You can no longer write here."))
    return entry[0]
