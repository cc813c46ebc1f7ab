"""`manage.py rooms`: the rooms of a community, and a new one."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count

from communities import actions
from communities.management.finding import find_community
from communities.models import Community, Room


class Command(BaseCommand):
    help = "Lists the rooms of a community: id, access, number of chosen members, name. With --create makes one first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the community's part of the address")
        parser.add_argument("--create", metavar="NAME", help="make a room of this name")
        parser.add_argument("--purpose", default="", help="what the new room is for")
        parser.add_argument("--chosen", action="store_true", help="the new room is for chosen members only")

    def handle(self, *args: Any, **options: Any) -> None:
        community = find_community(options["slug"])
        if options["create"] is not None:
            _create(community, options["create"].strip(), options["purpose"].strip(), options["chosen"])
        elif options["purpose"] or options["chosen"]:
            raise CommandError("--purpose and --chosen belong to a new room: name it with --create.")
        rooms = community.rooms.annotate(chosen=Count("members")).order_by("position", "created_at", "pk")
        for number, access, chosen, name in rooms.values_list("pk", "access", "chosen", "name"):
            self.stdout.write(f"{number}  {access:6}  {chosen:3} chosen  {name}")


def _create(community: Community, name: str, purpose: str, is_chosen: bool) -> None:
    if community.rooms.filter(name__iexact=name).exists():
        raise CommandError(f"There is a room {name} in this community already.")
    fields = {"name": name, "purpose": purpose, "access": Room.Access.CHOSEN if is_chosen else Room.Access.ALL}
    try:
        Room(community=community, **fields).clean_fields()
    except ValidationError as error:
        raise CommandError(" ".join(f"{key}: {' '.join(why)}" for key, why in error.message_dict.items())) from None
    actions.create_room(community=community, **fields)
