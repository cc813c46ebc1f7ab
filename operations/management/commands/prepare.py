from typing import Any

from django.core.management.base import BaseCommand

from operations.checks import TAG
from operations.preparation import prepare


class Command(BaseCommand):
    """Bring tables, translations and static files up to date, and load the demo where it is wanted."""

    help = __doc__
    #: Ours only: unsafe settings stop every start, while Django's own checks cost time and are asked elsewhere.
    requires_system_checks = [TAG]

    def handle(self, *args: Any, **options: Any) -> None:
        prepare(self.stdout.write)
