"""The use cases of a room: the only place that writes messages."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from communities.models import Membership, Room
from core import limits
from core.keys import keyed_hash
from core.text import is_blank, is_storable, tidy_lines
from messaging import live, markdown
from messaging.models import Message, ReadMark, RoomLog
from messaging.permissions import check_change_message, check_delete_message, check_post_message
from messaging.signals import message_posted
from realtime.publish import later


@dataclass(frozen=True, slots=True)
class Draft:
    """What someone wants to post. `client_id` is random and chosen by the page: a retry carries the same one."""

    author: Membership
    room: Room
    client_id: uuid.UUID
    text: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a draft was not taken, as a translated sentence. `is_final` is no where trying again may help."""

    reason: str
    is_final: bool = True


Outcome = Message | Refusal


def post_messages(drafts: Iterable[Draft]) -> list[Outcome]:
    """Store messages in the order given; what was stored before under the same client id is found again.

    Shape: one outcome per draft. Every reader learns of the new ones after COMMIT.
    Emits: message_posted, once per batch, with the new ids.
    """
    drafts = [replace(draft, text=tidy_text(draft.text)) for draft in drafts]
    outcomes: dict[int, Outcome] = {}
    taken = {}
    for place, draft in enumerate(drafts):
        refusal = _shape_refusal(draft.text)
        if refusal is None:
            taken[place] = draft
        else:
            outcomes[place] = refusal
    if taken:
        outcomes |= dict(zip(taken, _store(list(taken.values())), strict=True))
    return [outcomes[place] for place in range(len(drafts))]


def tidy_text(text: str) -> str:
    """The text as it is stored: one kind of line end, no blank lines around."""
    return tidy_lines(text).strip("\n")


def _shape_refusal(text: str) -> Refusal | None:
    """Everything that can be said before a transaction is opened."""
    if is_blank(text):
        return Refusal(_("Write something first."))
    if len(text) > Message.LONGEST:
        return Refusal(_("This message is too long. 8,000 characters fit."))
    if not is_storable(text):
        return Refusal(_("This message contains characters that cannot be stored."))
    return None


def _store(drafts: list[Draft]) -> list[Outcome]:
    keys = [keyed_hash("message-retry", str(draft.author.pk), str(draft.client_id)) for draft in drafts]
    with transaction.atomic():
        logs = _locked_logs({draft.room.pk for draft in drafts})
        # Asked under the lock: a retry that runs beside the first try waits above and finds its row here. Asked before
        # any right: what is stored is stored, also for someone who was muted while the answer was on its way.
        outcomes: dict[str, Outcome] = {m.retry_key: m for m in Message.objects.filter(retry_key__in=keys)}
        fresh: list[Message] = []
        for draft, key in zip(drafts, keys, strict=True):
            if key not in outcomes:
                refusal = _refusal_now(draft)
                outcomes[key] = refusal or _next_message(draft, key, logs[draft.room.pk])
                fresh.extend(outcome for outcome in [outcomes[key]] if isinstance(outcome, Message))
        if fresh:
            Message.objects.bulk_create(fresh)
            for room_id in {message.room_id for message in fresh}:
                logs[room_id].save(update_fields=["sequence", "change"])
            _after_commit(fresh, is_new=True)
    return [outcomes[key] for key in keys]


def _refusal_now(draft: Draft) -> Refusal | None:
    """Whether this author may write in this room now: a measure may have come since the page was loaded."""
    try:
        check_post_message(_author_now(draft.author, draft.room), draft.room)
    except PermissionDenied as error:
        return Refusal(str(error))
    if not limits.is_within(f"posts:{draft.author.pk}", times=40, seconds=20):
        return Refusal(_("That was a lot at once. Wait a moment, then go on."), is_final=False)
    return None


def _author_now(author: Membership, room: Room) -> Membership:
    """The author as the database has them, inside the writing transaction.

    Raises: PermissionDenied where they are no longer a member or no longer in the room.
    """
    member = Membership.objects.current().select_related("role").filter(pk=author.pk).first()
    if member is None or not Room.objects.visible_to(member).filter(pk=room.pk).exists():
        raise PermissionDenied(_("You can no longer write here."))
    return member


def _after_commit(messages: list[Message], *, is_new: bool) -> None:
    """The acknowledgement comes first: readers are told, and jobs begun, behind it."""
    transaction.on_commit(partial(later, partial(live.announce, messages, is_new=is_new)), robust=True)
    if is_new:
        ids = [message.pk for message in messages]
        transaction.on_commit(partial(later, partial(_tell_others, ids)), robust=True)


def _locked_logs(room_ids: set[uuid.UUID]) -> dict[uuid.UUID, RoomLog]:
    """The rooms' log rows, locked until the end of the transaction.

    The log row is the lock, not the room's own: FOR UPDATE there would stop every insert that points to the room.
    Taken in id order, so that two batches over the same rooms cannot wait for each other.
    """
    locked = RoomLog.objects.select_for_update(no_key=True).filter(pk__in=room_ids).order_by("pk")
    logs = {log.pk: log for log in locked}
    if missing := room_ids - logs.keys():
        # The first words in a room open its log; two first words at once find one row.
        RoomLog.objects.bulk_create([RoomLog(room_id=pk) for pk in sorted(missing)], ignore_conflicts=True)
        return _locked_logs(room_ids)
    return logs


def _next_message(draft: Draft, key: str, log: RoomLog) -> Message:
    log.sequence += 1
    log.change += 1
    return Message(
        room=draft.room,
        author=draft.author,
        sequence=log.sequence,
        change=log.change,
        text=draft.text,
        html=markdown.render(draft.text),
        renderer_version=markdown.VERSION,
        retry_key=key,
        created_at=timezone.now(),
    )


def _tell_others(message_ids: list[uuid.UUID]) -> None:
    message_posted.send(sender=Message, message_ids=message_ids)


def edit_message(*, actor: Membership, message: Message, text: str) -> Message | Refusal:
    """Change one's own message; everyone sees that it was changed.

    Raises: PermissionDenied where the message is not the actor's or the actor may not write (any more).
    """
    check_change_message(actor, message)
    text = tidy_text(text)
    refusal = _shape_refusal(text)
    if refusal:
        return refusal
    if not limits.is_within(f"edits:{actor.pk}", times=40, seconds=20):
        return Refusal(_("That was a lot at once. Wait a moment, then go on."), is_final=False)
    with transaction.atomic():
        log = _locked_logs({message.room_id})[message.room_id]
        message.refresh_from_db(fields=["text", "deleted_at"])
        check_change_message(_author_now(actor, message.room), message)
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
        log = _locked_logs({message.room_id})[message.room_id]
        message.refresh_from_db(fields=["deleted_at"])
        check_delete_message(_author_now(actor, message.room), message)
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
    _after_commit([message], is_new=False)


def mark_read(*, member: Membership, room: Room, sequence: int) -> bool:
    """Remember up to where the member has read; it never goes back. Returns whether it moved.

    The number is capped at the newest message's, so that a made-up one hides nothing that comes later.
    """
    newest = RoomLog.objects.filter(room=room).values_list("sequence", flat=True).first() or 0
    sequence = max(0, min(sequence, newest))
    mark, is_new = ReadMark.objects.get_or_create(membership=member, room=room, defaults={"last_sequence": sequence})
    marks = ReadMark.objects.filter(pk=mark.pk, last_sequence__lt=sequence)
    has_moved = is_new or bool(marks.update(last_sequence=sequence, read_at=timezone.now()))
    if has_moved and sequence == newest:  # a part of it read: the room stays unread, on other pages, too
        transaction.on_commit(partial(later, partial(live.announce_read, member.pk, room.pk)), robust=True)
    return has_moved
