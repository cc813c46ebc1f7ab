"""`manage.py unban`: somebody who was banned may be here again."""

from typing import Any

from django.core.management.base import CommandError

from communities import actions
from communities.management.taking_out import MemberCommand
from communities.models import Intervention, Membership


class Command(MemberCommand):
    help = "Takes a ban back: who had not left is a member again, others may be invited again."
    kind = Intervention.Kind.UNBANNED

    def act(self, member: Membership, options: dict[str, Any]) -> str:
        if not actions.unban_member(actor=None, member=member):
            raise CommandError(f"{member.display_name or member.pk} is not banned.")
        return f"{member.display_name or member.pk} is no longer banned."
