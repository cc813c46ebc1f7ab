"""`manage.py choose`: members for a room of chosen members, or a guest for any room."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from communities import actions
from communities.management.finding import find_community, find_member, find_room
from communities.management.taking_out import add_reason, tell
from communities.models import Intervention


class Command(BaseCommand):
    help = "Chooses members for a room, or takes it back with --undo. Of several all or none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the community's part of the address")
        parser.add_argument("room", help="the room's name, or the id that `rooms` shows")
        parser.add_argument("member", nargs="+", help="a member's name, or the id that `members` shows")
        parser.add_argument("--undo", action="store_true", help="they are no longer chosen")
        add_reason(parser)

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        community = find_community(options["slug"])
        room = find_room(community, options["room"])
        members = [find_member(community, words) for words in options["member"]]
        for member in members:
            if options["undo"]:
                if not actions.unchoose_room_member(room=room, membership=member):
                    raise CommandError(f"{member.display_name} is not chosen for {room.name}.")
            elif member.left_at or member.banned_at:
                raise CommandError(f"{member.display_name or member.pk} is no longer in this community.")
            else:
                actions.choose_room_member(room=room, membership=member)
        kind = Intervention.Kind.UNCHOSEN if options["undo"] else Intervention.Kind.CHOSEN
        tell(community, kind, options["reason"])
        names = ", ".join(member.display_name or str(member.pk) for member in members)
        self.stdout.write(f"{'No longer chosen' if options['undo'] else 'Chosen'} for {room.name}: {names}.")
