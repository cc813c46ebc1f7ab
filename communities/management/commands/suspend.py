"""`manage.py suspend`: keep a member out for a while."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from communities import actions
from communities.management.taking_out import MemberCommand
from communities.models import Intervention, Membership


class Command(MemberCommand):
    help = "Keeps a member out for some days, at once. It never shortens a suspension; --lift ends one."
    kind = Intervention.Kind.SUSPENDED

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        length = parser.add_mutually_exclusive_group(required=True)
        length.add_argument("--days", type=int, help="for how long, from now on")
        length.add_argument("--lift", action="store_true", help="they may come in again")

    def act(self, member: Membership, options: dict[str, Any]) -> str:
        name = member.display_name or member.pk
        if options["lift"]:
            if not actions.lift_suspension(actor=None, member=member):
                raise CommandError(f"{name} is not suspended.")
            return f"{name} may come in again."
        if not 1 <= options["days"] <= 3650:
            raise CommandError("A suspension is for 1 to 3650 days.")
        actions.suspend_member(actor=None, member=member, for_=timedelta(days=options["days"]))
        until = timezone.localtime(member.suspended_until)
        return f"{name} is kept out until {until:%Y-%m-%d %H:%M}."

    def kind_of(self, options: dict[str, Any]) -> Intervention.Kind:
        return Intervention.Kind.LIFTED if options["lift"] else self.kind
