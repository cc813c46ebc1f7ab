"""`manage.py invite`: a link that admits someone, made by whoever runs the server."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from communities import actions
from communities.management.links import DEFAULT_BASE, link_to_invitation
from communities.models import Community, Role, Room


class Command(BaseCommand):
    help = "Prints an invitation to a community. The link is shown once and stored nowhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the community's part of the address")
        parser.add_argument("--role", default=Role.Code.MEMBER.value, choices=Role.Code.values)
        parser.add_argument("--uses", type=int, default=1, help="how many people may join by it")
        parser.add_argument("--days", type=int, default=7, help="how long it is open")
        parser.add_argument("--label", default="", help="who it is for, as a reminder")
        parser.add_argument("--room", action="append", default=[], metavar="UUID", help="a room to choose them for")
        parser.add_argument("--base-url", default=DEFAULT_BASE)

    def handle(self, *args: Any, **options: Any) -> None:
        community = Community.objects.filter(slug=options["slug"]).first()
        if community is None:
            raise CommandError(f"There is no community with the address {options['slug']}.")
        rooms = [_find_room(community, room_id) for room_id in options["room"]]
        if options["role"] == Role.Code.GUEST and not rooms:
            raise CommandError("A guest sees only rooms they are chosen for: name at least one with --room.")
        try:
            _invitation, token = actions.invite(
                community=community,
                role=options["role"],
                rooms=rooms,
                label=options["label"],
                max_uses=options["uses"],
                days=options["days"],
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(link_to_invitation(options["base_url"], token))


def _find_room(community: Community, room_id: str) -> Room:
    try:
        return community.rooms.get(pk=room_id)
    except (Room.DoesNotExist, ValidationError):
        raise CommandError(f"There is no room {room_id} in this community.") from None
