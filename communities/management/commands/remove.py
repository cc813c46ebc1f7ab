"""`manage.py remove`: take a member out, who may be invited again."""

from typing import Any

from django.core.management.base import CommandError

from communities import actions
from communities.management.taking_out import MemberCommand
from communities.models import Intervention, Membership


class Command(MemberCommand):
    help = "Takes a member out of a community at once. They may be invited again."
    kind = Intervention.Kind.REMOVED

    def act(self, member: Membership, options: dict[str, Any]) -> str:
        if not actions.remove_member(actor=None, member=member):
            raise CommandError(f"{member.display_name or member.pk} has left already.")
        return f"{member.display_name or member.pk} is removed."
