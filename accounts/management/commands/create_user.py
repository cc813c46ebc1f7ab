"""`manage.py create_user`: an account without an invitation."""

from getpass import getpass
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from accounts import actions
from accounts.management.finding import AccountCommand


class Command(AccountCommand):
    help = "Opens an account. Its address counts as proven; whoever reads there signs in by mailed code."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--operator", action="store_true", help="who may see the operator's pages")
        parser.add_argument("--language", default=settings.LANGUAGE_CODE, choices=dict(settings.LANGUAGES))
        parser.add_argument(
            "--password", action="store_true", help="ask for a password; it never stands in the command itself"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            password = ask_for_password() if options["password"] else None
            actions.create_account(
                email=options["address"].strip(),
                language=options["language"],
                password=password,
                is_operator=options["operator"],
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write("The account is there." + (" It is an operator's." if options["operator"] else ""))


def ask_for_password() -> str:
    """Raises: ValidationError; CommandError where the two differ."""
    password = getpass("Password: ")
    validate_password(password)
    if getpass("Once more: ") != password:
        raise CommandError("That was not the same password twice.")
    return password
