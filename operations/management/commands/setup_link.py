"""`manage.py setup_link`: where setting the place up begins, for who closed the terminal in which it stood."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from communities.management.links import add_base_url, check_base_url
from operations.setup.doors import setup_link


class Command(BaseCommand):
    help = "Prints the link by which whoever has it sets the place up. It works until that is done."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_base_url(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        check_base_url(options["base_url"])
        link = setup_link(options["base_url"])
        if not link:
            raise CommandError("This place has been set up already.")
        self.stdout.write(link)
