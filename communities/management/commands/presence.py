"""`manage.py presence`: whether a community shows who is here and who is writing."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from communities import actions
from communities.management.finding import find_community

SWITCH = {"on": True, "off": False}


class Command(BaseCommand):
    help = "Says whether a community shows who is here and who is writing. With --here or --typing switches it first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the community's part of the address")
        parser.add_argument("--here", choices=SWITCH, help="who is here, of those who chose to be seen")
        parser.add_argument("--typing", choices=SWITCH, help="who is writing, of those who chose to be seen")

    def handle(self, *args: Any, **options: Any) -> None:
        community = find_community(options["slug"])
        actions.allow_presence(
            actor=None,
            community=community,
            allows_presence=SWITCH.get(options["here"], community.allows_presence),
            allows_typing=SWITCH.get(options["typing"], community.allows_typing),
        )
        for name, is_on in (("here", community.allows_presence), ("typing", community.allows_typing)):
            self.stdout.write(f"{name:6}  {'on' if is_on else 'off'}")
