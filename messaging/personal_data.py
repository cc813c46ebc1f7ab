"""What messaging stores about people."""

from collections.abc import Iterator
from typing import Any, ClassVar, cast

from django.db import transaction
from django.db.models import F, Model
from django.utils import timezone

from accounts.models import User
from communities.models import Membership
from core.personal_data import Keep, PersonalData, declare, not_personal
from messaging import live
from messaging.models import Message, ReadMark, RoomLog

BATCH = 500


@declare
class Words(PersonalData):
    """What someone wrote."""

    models: ClassVar = (Message,)
    purpose = "Conversation in the rooms of the community."
    kept = "Until the author deletes it."

    def export(self, person: Model) -> Iterator[tuple[str, dict[str, Any]]]:
        """One's own words only; a deleted message has none."""
        own = (
            Message.objects.filter(author__user=cast(User, person))
            .select_related("room__community")
            .order_by("room", "sequence")
        )
        for message in own.iterator():
            yield (
                f"messages/{message.pk}",
                {
                    "community": message.room.community.name,
                    "room": message.room.name,
                    "written_at": message.created_at.isoformat(),
                    "edited_at": message.edited_at.isoformat() if message.edited_at else None,
                    "deleted_at": message.deleted_at.isoformat() if message.deleted_at else None,
                    "text": message.text,
                },
            )

    def erase(self, membership: Model, choice: Keep) -> None:
        """Words stay under the name, or under "former member" (the name goes with the membership), or are deleted."""
        member = cast(Membership, membership)
        if choice is not Keep.DELETE:
            return
        own = Message.objects.filter(author=member, deleted_at=None).order_by("room", "sequence")
        for room_id in sorted(set(own.order_by().values_list("room_id", flat=True))):
            _delete_in_room(member, room_id)


def _delete_in_room(member: Membership, room_id: Any) -> None:
    """In batches, so that nobody who writes in the room waits long for its log."""
    while True:
        with transaction.atomic():
            log = RoomLog.objects.select_for_update(no_key=True).get(pk=room_id)
            own = Message.objects.filter(room_id=room_id, author=member, deleted_at=None).order_by("sequence")
            batch = list(own.select_related("author", "room__community")[:BATCH])
            if not batch:
                return
            now = timezone.now()
            for message in batch:
                log.change += 1
                message.text = message.html = ""
                message.deleted_at, message.change = now, log.change
            Message.objects.bulk_update(batch, ["text", "html", "deleted_at", "change"])
            log.save(update_fields=["change"])
            transaction.on_commit(lambda batch=batch: live.announce(batch), robust=True)  # type: ignore[misc]


@declare
class Reading(PersonalData):
    """Up to where someone has read."""

    models: ClassVar = (ReadMark,)
    purpose = "Showing what is new since the last visit. Nobody else sees it."
    kept = "As long as the membership."

    def export(self, person: Model) -> Iterator[tuple[str, dict[str, Any]]]:
        marks = ReadMark.objects.filter(membership__user=cast(User, person)).annotate(name=F("room__name"))
        for mark in marks:
            yield f"reading/{mark.pk}", {"room": mark.name, "read_at": mark.read_at.isoformat()}

    def erase(self, membership: Model, choice: Keep) -> None:
        ReadMark.objects.filter(membership=cast(Membership, membership)).delete()


not_personal.declare("messaging.RoomLog", "Two counters of a room.")
