"""`manage.py health`: whether every part does its work; for people and for scripts."""

from typing import Any

from django.core.management.base import BaseCommand

from operations.health import look


class Command(BaseCommand):
    help = "Says of each part whether it does its work. Status 1 where one does not."

    def handle(self, *args: Any, **options: Any) -> None:
        parts = look()
        for part in parts:
            figures = "".join(f", {name.replace('_', ' ')}: {value}" for name, value in part.figures.items())
            state = part.problem or "ok"
            self.stdout.write(f"{part.name:12}{state} ({part.milliseconds} ms{figures})")
        if not all(part.is_well for part in parts):
            raise SystemExit(1)
