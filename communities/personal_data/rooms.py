"""Who may enter which room."""

from collections.abc import Iterator
from typing import Any, ClassVar, cast

from django.db.models import Model

from accounts.models import User
from communities.models import Knock, Membership, RoomMember
from communities.personal_data.shared import iso
from core.personal_data import Keep, PersonalData, declare


@declare
class ChosenRooms(PersonalData):
    """For which rooms someone was chosen."""

    models: ClassVar[tuple[type[Model], ...]] = (RoomMember,)
    purpose = "Opening rooms that are not for everyone to those chosen for them."
    kept = "As long as the membership."

    def export(self, person: Model) -> Iterator[tuple[str, dict[str, Any]]]:
        own = (
            RoomMember.objects.filter(membership__user=cast(User, person))
            .select_related("room__community")
            .order_by("pk")
        )
        for chosen in own:
            yield (
                f"rooms/{chosen.pk}",
                {
                    "community": chosen.room.community.name,
                    "room": chosen.room.name,
                    "added_at": iso(chosen.added_at),
                },
            )

    def erase(self, membership: Model, choice: Keep) -> None:
        RoomMember.objects.filter(membership=cast(Membership, membership)).delete()


@declare
class Knocks(PersonalData):
    """At which rooms someone knocked."""

    models: ClassVar[tuple[type[Model], ...]] = (Knock,)
    purpose = "Letting members into rooms that can be seen by all and entered by some."
    kept = "As long as the membership."

    def export(self, person: Model) -> Iterator[tuple[str, dict[str, Any]]]:
        own = Knock.objects.filter(membership__user=cast(User, person)).select_related("room__community")
        for knock in own.order_by("knocked_at", "pk"):
            yield (
                f"knocks/{knock.pk}",
                {
                    "community": knock.room.community.name,
                    "room": knock.room.name,
                    "words": knock.words,
                    "knocked_at": iso(knock.knocked_at),
                    "is_let_in": knock.is_let_in,
                },
            )

    def erase(self, membership: Model, choice: Keep) -> None:
        Knock.objects.filter(membership=cast(Membership, membership)).delete()
