"""`manage.py ban`: exclude somebody for good."""

from typing import Any

from django.core.management.base import CommandError

from communities import actions
from communities.management.taking_out import MemberCommand
from communities.models import Intervention, Membership


class Command(MemberCommand):
    help = "Excludes somebody from a community at once and for good, also where they have left. `unban` takes it back."
    kind = Intervention.Kind.BANNED

    def act(self, member: Membership, options: dict[str, Any]) -> str:
        if not actions.ban_member(actor=None, member=member):
            raise CommandError(f"{member.display_name or member.pk} is banned already.")
        return f"{member.display_name or member.pk} is banned."
