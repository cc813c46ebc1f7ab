"""What an operator names on the command line: an account, by its whole address."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User


class AccountCommand(BaseCommand):
    """A command about one account."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="the account's whole email address")


def find_account(address: str) -> User:
    """Raises: CommandError."""
    user: User | None = User.objects.with_address(address.strip()).first()
    if user is None:
        raise CommandError("There is no account with this address.")
    return user
