"""`manage.py key_sheet`: the keys that are in no database, to print and put away."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation

from core.installation import installation
from operations.setup.keysheet import as_text


class Command(BaseCommand):
    help = (
        "Prints KREIS_SEAL_KEY and KREIS_SECRET_KEY in groups that can be read aloud. Keep it where the server is not."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(installation().language or settings.LANGUAGE_CODE):
            self.stdout.write(as_text())
