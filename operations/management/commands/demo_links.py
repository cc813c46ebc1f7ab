"""`manage.py demo_links`: how to get into the demo, printed at its start."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "Print links that sign demo people in, and the address of the demo's outgoing mail."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("There is no demo here: KREIS_DEBUG and KREIS_DEMO are not both set.")
        from django.urls import reverse

        from operations.demo.links import people

        site = f"http://localhost:{options['port']}"
        lines = [(f"{one.name} ({one.role}, {one.community})", f"{site}{one.path}") for one in people()]
        width = max((len(label) for label, _ in lines), default=0)
        for label, address in lines:
            self.stdout.write(f"  {label.ljust(width)}  {address}")
        self.stdout.write(f"  {'Outgoing mail'.ljust(width)}  {site}{reverse('demo_mails')}")
