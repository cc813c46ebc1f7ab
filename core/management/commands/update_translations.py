from typing import Any

from django.core.management.base import BaseCommand

from core.translations import compile_catalogues, update_catalogue


class Command(BaseCommand):
    """Bring locale/ up to date with the source and compile it; says how much is untranslated."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        catalogue = update_catalogue("de")
        missing = [message.id for message in catalogue if message.id and not message.string]
        for text in missing:
            self.stdout.write(f"untranslated: {text!r}")
        self.stdout.write(f"{len(catalogue)} texts, {len(missing)} untranslated")
        compile_catalogues()
