"""`manage.py setup`: the first run without a browser, for scripts and for who likes to type."""

import getpass
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import translation

from accounts.models import User
from communities import actions as communities
from communities.founding import FoundForm
from communities.management.links import add_base_url, check_base_url, link_to_invitation
from communities.models import Community
from communities.presets import PRESETS, RULES_TAKEN, rules_in
from operations.setup import actions
from operations.setup.forms import OperatorForm, ServerForm
from operations.setup.keysheet import as_text
from operations.setup.mail_by_command import add_mail_options, checked, set_up_mail

LANGUAGES = [code for code, _name in settings.LANGUAGES]
#: What is asked for where it was not given, in this order, and the words for it.
ASKED = {
    "name": "Name of the place",
    "email": "Your email address",
    "password": "Password (12 characters at least)",
    "group": "Name of the first group",
    "display_name": "Your name in it",
}


class Command(BaseCommand):
    help = (
        "Sets the place up: its name, mail, your account, a first group with three rules, a first invitation. "
        "Asks for what is missing, if somebody sits at the terminal. Prints the invitation and where the key sheet is."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", help="what the place is called")
        parser.add_argument("--language", default=settings.LANGUAGE_CODE, choices=LANGUAGES)
        parser.add_argument("--email", help="address of the account that runs the place")
        parser.add_argument("--password-file", help="file with its password; or the variable KREIS_SETUP_PASSWORD")
        parser.add_argument("--group", help="name of the first group")
        parser.add_argument("--slug", default="", help="the group's part of the address; made from its name")
        parser.add_argument("--size", default="table", choices=list(PRESETS))
        parser.add_argument("--hue", default="166", help="its colour, one of the nine of the page")
        parser.add_argument("--purpose", default="")
        parser.add_argument("--hosting", default="", help="where the data lives and who runs the server")
        parser.add_argument("--display-name", help="your name in the group")
        parser.add_argument("--rule", action="append", default=[], help="a rule, instead of the three templates")
        parser.add_argument("--invite", action="append", default=[], help="for whom an invitation is; several times")
        parser.add_argument(
            "--key-sheet", help="write the keys into this file, which must not exist yet; -: print them"
        )
        add_mail_options(parser)
        add_base_url(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        check_base_url(options["base_url"])
        _refuse_a_second_time()
        given = self._ask(options)
        with translation.override(options["language"]), _sheet(options["key_sheet"]) as sheet:
            for line in self._set_up(given):
                self.stdout.write(line)
            sheet.write(as_text())
            if isinstance(sheet, StringIO):
                self.stdout.write(f"\n{sheet.getvalue()}")
            else:
                self.stdout.write(f"The keys stand in {options['key_sheet']}: print it, put it away, delete the file.")

    def _ask(self, options: dict[str, Any]) -> dict[str, Any]:
        given = {**options, "password": _password(options["password_file"])}
        for key, words in ASKED.items():
            if given[key]:
                continue
            if not sys.stdin.isatty():
                name = "--password-file or KREIS_SETUP_PASSWORD" if key == "password" else f"--{key.replace('_', '-')}"
                raise CommandError(f"{words}: give {name}.")
            given[key] = getpass.getpass(f"{words}: ") if key == "password" else input(f"{words}: ")
        return given

    def _set_up(self, given: dict[str, Any]) -> list[str]:
        """All of it or nothing. Returns what to tell: where the test mail went, the links of the invitations."""
        place = checked(ServerForm({"name": given["name"], "language": given["language"]}))
        account = checked(OperatorForm({"email": given["email"], "password": given["password"]}))
        try:
            with transaction.atomic():
                actions.name_place(**place)
                operator = actions.make_operator(**account, language=given["language"])
                community = self._found(operator, given)
                links = [_invitation(operator, community, name, given["base_url"]) for name in given["invite"] or [""]]
                tried = set_up_mail(given)
                actions.finish(operator=operator)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        except actions.AlreadySetUp:
            raise CommandError("This place has been set up already.") from None
        return [*([f"A test mail is on its way to {tried}."] if tried else []), *links]

    def _found(self, operator: User, given: dict[str, Any]) -> Community:
        founding = checked(
            FoundForm(
                {
                    "name": given["group"],
                    **{key: given[key] for key in ("slug", "size", "hue", "purpose", "hosting", "language")},
                    "display_name": given["display_name"],
                }
            )
        )
        community = actions.found_first(operator=operator, **founding)
        rules = [(rule[:100], "") for rule in given["rule"]] or rules_in(given["language"])[:RULES_TAKEN]
        actions.agree_on(operator=operator, rules=rules)
        return community


def _refuse_a_second_time() -> None:
    try:
        with actions.open_row():
            pass
    except actions.AlreadySetUp:
        raise CommandError("This place has been set up already.") from None


def _password(file: str | None) -> str:
    if not file:
        return os.environ.get("KREIS_SETUP_PASSWORD", "")
    try:
        return Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeError) as error:
        raise CommandError(f"The password cannot be read from {file}: {error}") from None


def _invitation(operator: User, community: Community, name: str, base_url: str) -> str:
    founder = community.memberships.select_related("role", "community").get(user=operator)
    _made, token = communities.invite(community=community, inviter=founder, label=name, days=14)
    return f"{name or 'Invitation'}: {link_to_invitation(base_url, token)}"


@contextmanager
def _sheet(name: str | None) -> Iterator[TextIO]:
    """The file for the keys, for its account only; without a name, or for "-", only a text. It is opened before
    anything is made, and goes again where nothing was.

    Raises: CommandError.
    """
    if not name or name == "-":
        yield StringIO()
        return
    try:
        handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise CommandError(f"The key sheet cannot be written: {error}") from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            yield file
    except CommandError:
        Path(name).unlink(missing_ok=True)
        raise
