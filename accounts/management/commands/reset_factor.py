"""`manage.py reset_factor`: for somebody who lost every second factor."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from accounts import actions
from accounts.management.finding import AccountCommand, find_account
from accounts.models import User


class Command(AccountCommand):
    help = (
        "Removes passkeys, authenticator app and recovery codes of an account, 48 hours from now. The person is "
        "told at "
        "once, by mail and on every page, and can cancel it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--cancel", action="store_true", help="the factors stay")

    def handle(self, *args: Any, **options: Any) -> None:
        user = find_account(options["address"])
        self.stdout.write(_cancel(user) if options["cancel"] else _ask(user))


def _ask(user: User) -> str:
    try:
        reset = actions.ask_factor_reset(user=user, asked_by=None)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from None
    return f"The factors are removed on {timezone.localtime(reset.due_at):%Y-%m-%d at %H:%M}, unless it is cancelled."


def _cancel(user: User) -> str:
    if not actions.cancel_factor_reset(user=user, by=None):
        raise CommandError("No reset waits for this account.")
    return "Cancelled. The factors stay."
