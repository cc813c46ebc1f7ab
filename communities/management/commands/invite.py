"""`manage.py invite`: a link that admits someone, made by whoever runs the server."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from communities import actions
from communities.management.finding import find_community, find_room
from communities.management.links import add_base_url, check_base_url, link_to_invitation
from communities.models import Role


class Command(BaseCommand):
    help = (
        "Prints an invitation to a community. The link is shown once and stored nowhere. Where people are in the "
        "community already, it admits nobody before an owner has said yes on the page of the invitations."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the community's part of the address")
        parser.add_argument("--role", default=Role.Code.MEMBER.value, choices=Role.Code.values)
        parser.add_argument("--uses", type=int, default=1, help="how many people may join by it")
        parser.add_argument("--days", type=int, default=7, help="how long it is open")
        parser.add_argument("--label", default="", help="who it is for, as a reminder")
        parser.add_argument("--room", action="append", default=[], help="a room to choose them for, by name or id")
        parser.add_argument("--reason", default="", help="why you ask; the owners read it")
        parser.add_argument(
            "--force", metavar="REASON", help="do not ask an owner; every member is told, with the reason"
        )
        add_base_url(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        check_base_url(options["base_url"])
        community = find_community(options["slug"])
        rooms = [find_room(community, words) for words in options["room"]]
        if options["role"] == Role.Code.GUEST and not rooms:
            raise CommandError("A guest sees only rooms they are chosen for: name at least one with --room.")
        try:
            invitation, token = actions.ask_to_invite(
                community=community,
                role=options["role"],
                rooms=rooms,
                label=options["label"],
                max_uses=options["uses"],
                days=options["days"],
                reason=options["reason"] if options["force"] is None else options["force"],
                by_force=options["force"] is not None,
            )
        except ValidationError as error:
            hint = " Say why with --force; every member is told." if getattr(error, "code", "") == "nobody" else ""
            raise CommandError(" ".join(error.messages) + hint) from None
        self.stdout.write(link_to_invitation(options["base_url"], token))
        if invitation.needs_consent:
            self.stderr.write("It works once an owner of the group has said yes, on its page of invitations.")
        elif options["force"] is not None and actions.is_peopled(community):
            self.stderr.write("Every member of the group is told that you made it, and why.")
