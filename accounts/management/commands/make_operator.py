"""`manage.py make_operator`: who may see the operator's pages."""

from typing import Any

from django.core.management.base import CommandParser

from accounts import actions
from accounts.management.finding import AccountCommand, find_account


class Command(AccountCommand):
    help = "Makes an account an operator's; --undo takes it back."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--undo", action="store_true", help="an operator no longer")

    def handle(self, *args: Any, **options: Any) -> None:
        user, is_operator = find_account(options["address"]), not options["undo"]
        changed = actions.make_operator(user=user, is_operator=is_operator)
        before = "" if changed else "Nothing to do. "
        self.stdout.write(f"{before}The account is {'' if is_operator else 'not '}an operator's.")
