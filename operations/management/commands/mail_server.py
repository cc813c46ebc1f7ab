"""`manage.py mail_server`: what waits to become the mail server, for whoever has the machine."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.installation import installation
from operations.switching import cancel_switch, complete_switch, open_switch


class Command(BaseCommand):
    help = (
        "Says by which server mail leaves, and which one waits for its day. An operator chooses it under "
        "/operations/settings/mail/; here it can be made to count at once, or cancelled."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--now", action="store_true", help="what waits counts from now on")
        what.add_argument("--cancel", action="store_true", help="the server stays; all operators are told")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["now"] and not complete_switch(at_once=True):
            raise CommandError("No other mail server waits.")
        if options["cancel"] and not cancel_switch(by=None):
            raise CommandError("No other mail server waits.")
        self.stdout.write(f"Mail leaves by: {installation().mail_host or 'no server of the installation'}.")
        switch = open_switch()
        if switch is not None:
            self.stdout.write(f"From {timezone.localtime(switch.due_at):%Y-%m-%d %H:%M} on: {switch.mail_host}.")
