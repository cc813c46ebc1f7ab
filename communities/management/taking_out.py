"""What the commands about one member share: they name a community and a member, and say what they did."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from communities.management.finding import find_community, find_member
from communities.models import Membership


class MemberCommand(BaseCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the community's part of the address")
        parser.add_argument("member", help="the member's name, or the id that `members` shows")

    def handle(self, *args: Any, **options: Any) -> None:
        member = find_member(find_community(options["slug"]), options["member"])
        try:
            self.stdout.write(self.act(member, options))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None

    def act(self, member: Membership, options: dict[str, Any]) -> str:
        """Shape: one sentence about what was done. Raises: CommandError where there was nothing to do."""
        raise NotImplementedError
