"""What communities store about people."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar, cast

from django.db import transaction
from django.db.models import F, Model
from django.utils import timezone

from accounts.models import User
from communities.actions.names import keep_former_name
from communities.models import FormerName, Invitation, Membership, Picture, RoomMember, SeenIntervention, Visit
from core.personal_data import Keep, PersonalData, declare, not_personal


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


@declare
class Memberships(PersonalData):
    """Who someone is in a community."""

    models: ClassVar[tuple[type[Model], ...]] = (Membership,)
    purpose = "Being known in a community under a name, with a role; keeping out whom it has excluded."
    kept = "Until the person leaves with their data; then an empty row stays, the former member."

    def export(self, person: Model) -> Iterator[tuple[str, dict[str, Any]]]:
        own = (
            Membership.objects.filter(user=cast(User, person))
            .select_related("community", "role")
            .order_by("joined_at", "pk")
        )
        for member in own:
            yield (
                f"communities/{member.pk}",
                {
                    "community": member.community.name,
                    "role": member.role.code,
                    "name": member.display_name,
                    "introduction": member.introduction,
                    "is_founder": member.is_founder,
                    "joined_at": _iso(member.joined_at),
                    "agreed_to_rules_at": _iso(member.agreed_to_rules_at),
                    "shows_presence": member.shows_presence,
                    "shows_typing": member.shows_typing,
                    "muted_until": _iso(member.muted_until),
                    "read_only_until": _iso(member.read_only_until),
                    "suspended_until": _iso(member.suspended_until),
                    "banned_at": _iso(member.banned_at),
                    "left_at": _iso(member.left_at),
                },
            )

    @transaction.atomic
    def erase(self, membership: Model, choice: Keep) -> None:
        """The row stays, since words and decisions hang on it; nobody stands behind it any more."""
        member = Membership.objects.select_for_update(no_key=True).get(pk=cast(Membership, membership).pk)
        keep_former_name(member)
        Membership.objects.filter(pk=member.pk).update(
            user=None,
            display_name="",
            name_skeleton="",
            name_spelling="",
            introduction="",
            shows_presence=False,
            shows_typing=False,
            left_at=timezone.now(),
            profile_version=F("profile_version") + 1,
        )


@declare
class Pictures(PersonalData):
    """What someone looks like in a community."""

    models: ClassVar[tuple[type[Model], ...]] = (Picture,)
    purpose = "Being recognised in a community by a picture that the person chose, without place or date of its taking."
    kept = "Until the person takes another one, removes it, or leaves with their data."

    def export(self, person: Model) -> Iterator[tuple[str, dict[str, Any]]]:
        own = Picture.objects.filter(membership__user=cast(User, person)).select_related("membership__community")
        for picture in own.order_by("created_at", "pk"):
            yield (
                f"pictures/{picture.pk}",
                {
                    "community": picture.membership.community.name,
                    "created_at": _iso(picture.created_at),
                    "webp": b64encode(picture.webp).decode(),
                },
            )

    def erase(self, membership: Model, choice: Keep) -> None:
        """With the row, the reference in the membership goes."""
        Picture.objects.filter(membership=cast(Membership, membership)).delete()


@declare
class Visits(PersonalData):
    """When someone was here lately."""

    models: ClassVar[tuple[type[Model], ...]] = (Visit,)
    purpose = "Telling someone what is new since their last visit. Nobody else sees it."
    kept = "The last two visits only, as long as the membership."

    def export(self, person: Model) -> Iterator[tuple[str, dict[str, Any]]]:
        own = Visit.objects.filter(membership__user=cast(User, person)).select_related("membership__community")
        for visit in own.order_by("pk"):
            yield (
                f"visits/{visit.pk}",
                {
                    "community": visit.membership.community.name,
                    "before": _iso(visit.since),
                    "began_at": _iso(visit.began_at),
                    "last_at": _iso(visit.last_at),
                },
            )

    def erase(self, membership: Model, choice: Keep) -> None:
        Visit.objects.filter(membership=cast(Membership, membership)).delete()


@declare
class FormerNames(PersonalData):
    """When someone gave up a name; the name itself only as hashes that nobody can read without this server's key."""

    models: ClassVar[tuple[type[Model], ...]] = (FormerName,)
    purpose = "Keeping others from taking over a name and the trust that hangs on it."
    kept = "90 days after the name was given up, also where the person was erased."

    def export(self, person: Model) -> Iterator[tuple[str, dict[str, Any]]]:
        own = FormerName.objects.filter(membership__user=cast(User, person)).select_related("membership__community")
        for former in own.order_by("pk"):
            yield (
                f"former-names/{former.pk}",
                {"community": former.membership.community.name, "given_up_at": _iso(former.given_up_at)},
            )

    def erase(self, membership: Model, choice: Keep) -> None:
        """They stay for their 90 days: a name that were free at once would invite others to pass for the person."""


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
                    "added_at": _iso(chosen.added_at),
                },
            )

    def erase(self, membership: Model, choice: Keep) -> None:
        RoomMember.objects.filter(membership=cast(Membership, membership)).delete()


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
                    "role": invitation.role.code,
                    "label": invitation.label,
                    "note": invitation.note,
                    "max_uses": invitation.max_uses,
                    "uses": invitation.uses,
                    "created_at": _iso(invitation.created_at),
                    "expires_at": _iso(invitation.expires_at),
                    "revoked_at": _iso(invitation.revoked_at),
                },
            )

    @transaction.atomic
    def erase(self, membership: Model, choice: Keep) -> None:
        own = Invitation.objects.filter(inviter=cast(Membership, membership))
        own.filter(revoked_at=None).update(revoked_at=timezone.now())
        own.update(label="", note="")


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
                {"community": seen.intervention.community.name, "kind": seen.intervention.kind, "at": _iso(seen.at)},
            )

    def erase(self, membership: Model, choice: Keep) -> None:
        SeenIntervention.objects.filter(membership=cast(Membership, membership)).delete()


not_personal.declare("communities.Intervention", "What the operators did by force, and why; it names nobody.")
not_personal.declare("communities.Community", "Texts about the community as a whole, written by its owners.")
not_personal.declare("communities.Role", "A set of rights; who has it stands in the membership.")
not_personal.declare("communities.CommunityRight", "Which role holds which right; it names no person.")
not_personal.declare("communities.Room", "Name and purpose of a room, seen by all who may enter it.")
not_personal.declare("communities.Rule", "A rule for everybody.")
not_personal.declare(
    "communities.PendingJoin", "That somebody agreed to the rules, before anyone knows who; deleted after 7 days."
)
