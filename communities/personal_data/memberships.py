"""Who somebody is in a community."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any, ClassVar, cast

from django.db import transaction
from django.db.models import F, Model, Q
from django.utils import timezone

from accounts.models import User
from communities.actions.names import keep_former_name
from communities.models import Block, FormerName, Membership, MemberValue, Picture, Visit
from communities.personal_data.shared import iso
from core.personal_data import Keep, PersonalData, declare


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
                    "role": member.role.code or member.role.name,
                    "name": member.display_name,
                    "pronouns": member.pronouns,
                    "organisation": member.organisation,
                    "introduction": member.introduction,
                    "is_founder": member.is_founder,
                    "joined_at": iso(member.joined_at),
                    "agreed_to_rules_at": iso(member.agreed_to_rules_at),
                    "rules_agreed": member.rules_agreed,
                    "rules_declined_at": iso(member.rules_declined_at),
                    "consented_at": iso(member.consented_at),
                    "is_new_here": member.is_new_here,
                    "ends_at": iso(member.ends_at),
                    "shows_presence": member.shows_presence,
                    "shows_typing": member.shows_typing,
                    "muted_until": iso(member.muted_until),
                    "read_only_until": iso(member.read_only_until),
                    "suspended_until": iso(member.suspended_until),
                    "banned_at": iso(member.banned_at),
                    "left_at": iso(member.left_at),
                    "leaving_choice": member.leaving_choice,
                    "erase_due_at": iso(member.erase_due_at),
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
            pronouns="",
            organisation="",
            introduction="",
            is_new_here=False,
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
                    "created_at": iso(picture.created_at),
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
                    "before": iso(visit.since),
                    "began_at": iso(visit.began_at),
                    "last_at": iso(visit.last_at),
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
                {"community": former.membership.community.name, "given_up_at": iso(former.given_up_at)},
            )

    def erase(self, membership: Model, choice: Keep) -> None:
        """They stay for their 90 days: a name that were free at once would invite others to pass for the person."""


@declare
class MemberValues(PersonalData):
    """What someone says about themselves in the fields that a community asks for."""

    models: ClassVar[tuple[type[Model], ...]] = (MemberValue,)
    purpose = "Being found and known by what one tells, each word seen by those only whom its owner chose."
    kept = "Until the person empties the field or leaves, or the community no longer asks."

    def export(self, person: Model) -> Iterator[tuple[str, dict[str, Any]]]:
        own = MemberValue.objects.filter(membership__user=cast(User, person)).select_related("field__community")
        for value in own.order_by("pk"):
            yield (
                f"fields/{value.pk}",
                {
                    "community": value.field.community.name,
                    "field": value.field.label,
                    "text": value.text,
                    "level": value.level,
                },
            )

    def erase(self, membership: Model, choice: Keep) -> None:
        MemberValue.objects.filter(membership=cast(Membership, membership)).delete()


@declare
class Blocks(PersonalData):
    """Whom someone blocks. Who blocks them is the other person's data, and in no copy of theirs."""

    models: ClassVar[tuple[type[Model], ...]] = (Block,)
    purpose = "Keeping two members apart, as one of them wishes."
    kept = "Until the person takes it back, or one of the two leaves with their data."

    def export(self, person: Model) -> Iterator[tuple[str, dict[str, Any]]]:
        own = Block.objects.filter(blocker__user=cast(User, person)).select_related("blocked__community")
        for block in own.order_by("pk"):
            yield (
                f"blocks/{block.pk}",
                {
                    "community": block.blocked.community.name,
                    "name": block.blocked.display_name,
                    "created_at": iso(block.created_at),
                },
            )

    def erase(self, membership: Model, choice: Keep) -> None:
        member = cast(Membership, membership)
        Block.objects.filter(Q(blocker=member) | Q(blocked=member)).delete()
