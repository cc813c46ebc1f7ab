from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from operations.checks import TAG
from operations.preparation import prepare, prepare_files, prepare_tables
from operations.setup.doors import setup_link


class Command(BaseCommand):
    """Bring tables, translations and static files up to date, and load the demo where it is wanted. As long as the
    place waits to be set up, print the link that begins it.
    """

    help = __doc__
    #: Ours only: unsafe settings stop every start, while Django's own checks cost time and are asked elsewhere.
    requires_system_checks = [TAG]

    def add_arguments(self, parser: CommandParser) -> None:
        part = parser.add_mutually_exclusive_group()
        part.add_argument("--files", action="store_true", help="translations and static files only; no database")
        part.add_argument("--tables", action="store_true", help="the database only")
        parser.add_argument("--without-link", action="store_true", help="do not print the link of the set-up")

    def handle(self, *args: Any, **options: Any) -> None:
        do = prepare_files if options["files"] else prepare_tables if options["tables"] else prepare
        do(self.stdout.write)
        if not options["files"] and not options["without_link"] and (link := setup_link()):
            self.stdout.write(f"Set the place up: {link}")
