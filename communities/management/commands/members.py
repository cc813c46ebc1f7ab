"""`manage.py members`: who is in a community."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from communities.management.finding import find_community
from communities.models import Membership


class Command(BaseCommand):
    help = (
        "Lists the members of a community: id, role, standing, name. No address: who somebody is elsewhere stays apart."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the community's part of the address")
        parser.add_argument("--all", action="store_true", help="also those who have left or were removed")

    def handle(self, *args: Any, **options: Any) -> None:
        people = Membership.objects.filter(community=find_community(options["slug"])).select_related("role")
        if not options["all"]:
            people = people.filter(left_at=None)
        for member in people.order_by("joined_at", "pk"):
            self.stdout.write(
                f"{member.pk}  {member.role.code:9}  {standing(member):20}  {member.display_name}".rstrip()
            )


def standing(member: Membership) -> str:
    if member.banned_at:
        return "banned"
    if member.left_at:
        return "left"
    if member.suspended_until and member.suspended_until > timezone.now():
        return f"out until {timezone.localtime(member.suspended_until):%Y-%m-%d}"
    return "-"
