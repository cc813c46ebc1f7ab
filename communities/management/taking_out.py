"""What the commands about one member share: they name a community and a member, and say what they did.

Where people are in the community, every one of them is told what was done and why, not to whom.
"""

from argparse import ArgumentParser
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from communities import actions
from communities.management.finding import find_community, find_member
from communities.models import Community, Intervention, Membership


def add_reason(parser: ArgumentParser) -> None:
    parser.add_argument("--reason", default="", help="why; every member of the group reads it")


def tell(community: Community, kind: str, reason: str) -> None:
    """Announce it, in the transaction of what was done. Raises: CommandError without a reason."""
    try:
        actions.intervene(community=community, kind=kind, reason=reason)
    except ValidationError as error:
        raise CommandError(
            f"Every member of this group is told. Say why with --reason. {' '.join(error.messages)}"
        ) from None


class MemberCommand(BaseCommand):
    #: What every member is told.
    kind: ClassVar[Intervention.Kind]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the community's part of the address")
        parser.add_argument("member", help="the member's name, or the id that `members` shows")
        add_reason(parser)

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        community = find_community(options["slug"])
        member = find_member(community, options["member"])
        try:
            said = self.act(member, options)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        tell(community, self.kind_of(options), options["reason"])
        self.stdout.write(said)

    def kind_of(self, options: dict[str, Any]) -> Intervention.Kind:
        return self.kind

    def act(self, member: Membership, options: dict[str, Any]) -> str:
        """Shape: one sentence about what was done. Raises: CommandError where there was nothing to do."""
        raise NotImplementedError
