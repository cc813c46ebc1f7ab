from typing import Any

from django.core.management.base import BaseCommand

from operations.preparation import prepare


class Command(BaseCommand):
    """Bring tables, translations and static files up to date, and load the demo where it is wanted."""

    help = __doc__
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        prepare(self.stdout.write)
