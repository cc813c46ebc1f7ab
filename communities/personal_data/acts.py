"""What somebody did for a community, and what was done by the operators."""

from collections.abc import Iterator
from typing import Any, ClassVar, cast

from django.db.models import Model, Q

from accounts.models import User
from communities.models import (
    AuditDetail,
    AuditEntry,
    BranchAct,
    Membership,
    RulesVersion,
    SeenIntervention,
    Succession,
)
from communities.personal_data.shared import iso
from core.personal_data import Keep, PersonalData, declare


@declare
class SeenInterventions(PersonalData):
    """Of which acts of the operators somebody has read."""

    models: ClassVar[tuple[type[Model], ...]] = (SeenIntervention,)
    purpose = "Telling each member once what whoever runs the place did in their community without asking."
    kept = "As long as the membership."

    def export(self, person: Model) -> Iterator[tuple[str, dict[str, Any]]]:
        own = SeenIntervention.objects.filter(membership__user=cast(User, person))
        for seen in own.select_related("intervention__community").order_by("pk"):
            yield (
                f"interventions/{seen.pk}",
                {"community": seen.intervention.community.name, "kind": seen.intervention.kind, "at": iso(seen.at)},
            )

    def erase(self, membership: Model, choice: Keep) -> None:
        SeenIntervention.objects.filter(membership=cast(Membership, membership)).delete()


@declare
class AuditLog(PersonalData):
    """What somebody did by their role, and what was done with them by others' roles."""

    models: ClassVar[tuple[type[Model], ...]] = (AuditEntry, AuditDetail)
    purpose = "Power in the open: those who may read the log see who changed what."
    kept = "As long as the community; the words in it for a year. Who has left stands in it as a former member."

    def export(self, person: Model) -> Iterator[tuple[str, dict[str, Any]]]:
        """One's own acts, and what concerned oneself: then without who did it."""
        user = cast(User, person)
        own = AuditEntry.objects.filter(Q(actor__user=user) | Q(subject__user=user)).select_related("actor")
        for entry in own.select_related("community", "detail").order_by("at", "pk"):
            acted = entry.actor is not None and entry.actor.user_id == user.pk
            detail = getattr(entry, "detail", None)
            yield (
                f"log/{entry.pk}",
                {
                    "community": entry.community.name,
                    "act": entry.act,
                    "by_you": acted,
                    "at": iso(entry.at),
                    "words": detail.words if detail and acted else {},
                },
            )

    def erase(self, membership: Model, choice: Keep) -> None:
        """Entries stay, with the empty row of the former member behind them; words that were said about them go."""
        AuditDetail.objects.filter(entry__subject=cast(Membership, membership)).delete()


@declare
class Successions(PersonalData):
    """Who asked to take a community over, and who objected."""

    models: ClassVar[tuple[type[Model], ...]] = (Succession,)
    purpose = "A community without an owner gets one, and every member can object."
    kept = "As long as the membership."

    def export(self, person: Model) -> Iterator[tuple[str, dict[str, Any]]]:
        own = Succession.objects.filter(candidate__user=cast(User, person)).select_related("community")
        for asked in own.order_by("asked_at", "pk"):
            yield (
                f"successions/{asked.pk}",
                {"community": asked.community.name, "asked_at": iso(asked.asked_at), "done_at": iso(asked.done_at)},
            )

    def erase(self, membership: Model, choice: Keep) -> None:
        member = cast(Membership, membership)
        Succession.objects.filter(candidate=member).delete()
        Succession.objects.filter(objected_by=member).update(objected_by=None)


@declare
class BranchActs(PersonalData):
    """What was done at once with all who came by somebody's invitations."""

    models: ClassVar[tuple[type[Model], ...]] = (BranchAct,)
    purpose = "Taking back an act on many people, exactly as it was."
    kept = "As long as the community; it holds random ids only."

    def export(self, person: Model) -> Iterator[tuple[str, dict[str, Any]]]:
        own = BranchAct.objects.filter(actor__user=cast(User, person)).select_related("community")
        for act in own.order_by("at", "pk"):
            yield f"branches/{act.pk}", {"community": act.community.name, "at": iso(act.at)}

    def erase(self, membership: Model, choice: Keep) -> None:
        BranchAct.objects.filter(actor=cast(Membership, membership)).update(actor=None)


@declare
class RulesVersions(PersonalData):
    """Who published which version of the rules."""

    models: ClassVar[tuple[type[Model], ...]] = (RulesVersion,)
    purpose = "Rules in the open: what held when, and who changed it."
    kept = "As long as the community."

    def export(self, person: Model) -> Iterator[tuple[str, dict[str, Any]]]:
        own = RulesVersion.objects.filter(published_by__user=cast(User, person)).select_related("community")
        for version in own.order_by("pk"):
            yield (
                f"rules/{version.pk}",
                {
                    "community": version.community.name,
                    "number": version.number,
                    "summary": version.summary,
                    "published_at": iso(version.published_at),
                },
            )

    def erase(self, membership: Model, choice: Keep) -> None:
        RulesVersion.objects.filter(published_by=cast(Membership, membership)).update(published_by=None)
