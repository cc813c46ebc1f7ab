from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from operations.checks import TAG
from operations.preparation import prepare, prepare_files, prepare_tables


class Command(BaseCommand):
    """Bring tables, translations and static files up to date, and load the demo where it is wanted."""

    help = __doc__
    #: Ours only: unsafe settings stop every start, while Django's own checks cost time and are asked elsewhere.
    requires_system_checks = [TAG]

    def add_arguments(self, parser: CommandParser) -> None:
        part = parser.add_mutually_exclusive_group()
        part.add_argument("--files", action="store_true", help="translations and static files only; no database")
        part.add_argument("--tables", action="store_true", help="the database only")

    def handle(self, *args: Any, **options: Any) -> None:
        do = prepare_files if options["files"] else prepare_tables if options["tables"] else prepare
        do(self.stdout.write)
