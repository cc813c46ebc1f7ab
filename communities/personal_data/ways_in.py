"""By which way somebody came, or wants to come."""

from collections.abc import Iterator
from typing import Any, ClassVar, cast

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from accounts.models import User
from communities.models import Application, ApplicationWord, Invitation, Membership
from communities.personal_data.shared import iso
from core.personal_data import Keep, PersonalData, declare


@declare
class Invitations(PersonalData):
    """Whom someone invited; the words on it may name a person who is not here yet."""

    models: ClassVar[tuple[type[Model], ...]] = (Invitation,)
    purpose = "Letting in whom a member invites, and knowing by whom."
    kept = "90 days after it ended."

    def export(self, person: Model) -> Iterator[tuple[str, dict[str, Any]]]:
        own = Invitation.objects.filter(inviter__user=cast(User, person)).select_related("community", "role")
        for invitation in own.order_by("created_at", "pk"):
            yield (
                f"invitations/{invitation.pk}",
                {
                    "community": invitation.community.name,
                    "role": invitation.role.code or invitation.role.name,
                    "label": invitation.label,
                    "email": invitation.email,
                    "note": invitation.note,
                    "max_uses": invitation.max_uses,
                    "uses": invitation.uses,
                    "created_at": iso(invitation.created_at),
                    "expires_at": iso(invitation.expires_at),
                    "revoked_at": iso(invitation.revoked_at),
                },
            )

    @transaction.atomic
    def erase(self, membership: Model, choice: Keep) -> None:
        own = Invitation.objects.filter(inviter=cast(Membership, membership))
        own.filter(revoked_at=None).update(revoked_at=timezone.now())
        own.update(label="", note="", email="")


@declare
class Applications(PersonalData):
    """What someone wrote to be let in, and what was asked back."""

    models: ClassVar[tuple[type[Model], ...]] = (Application, ApplicationWord)
    purpose = "Deciding whether somebody who asks is let into a community."
    kept = "30 days after the decision, or after the last word of either side."

    def export(self, person: Model) -> Iterator[tuple[str, dict[str, Any]]]:
        own = Application.objects.filter(user=cast(User, person)).select_related("community")
        for application in own.prefetch_related("words").order_by("created_at", "pk"):
            yield (
                f"applications/{application.pk}",
                {
                    "community": application.community.name,
                    "name": application.display_name,
                    "introduction": application.introduction,
                    "answers": application.answers,
                    "words": [
                        {"is_question": word.is_question, "text": word.text, "at": iso(word.at)}
                        for word in application.words.all()
                    ],
                    "state": application.state,
                    "reason": application.reason,
                    "created_at": iso(application.created_at),
                    "decided_at": iso(application.decided_at),
                },
            )

    def erase(self, membership: Model, choice: Keep) -> None:
        """What led to this membership. Of other communities it is another membership's, or nobody's."""
        member = cast(Membership, membership)
        Application.objects.filter(community=member.community_id, user=member.user_id).delete()
