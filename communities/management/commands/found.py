"""`manage.py found`: a new community and the link by which its first owner enters."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from communities import actions
from communities.management.links import add_base_url, check_base_url, link_to_invitation
from communities.models import Community, Role

FIRST_ROOM = {"de": "Wohnzimmer", "en": "Living room"}


class Command(BaseCommand):
    help = "Founds a community with one room and prints the link by which its first owner joins."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--slug", required=True, help="the community's part of the address, for example tidewater")
        parser.add_argument("--language", default="de", choices=[code for code, _name in settings.LANGUAGES])
        parser.add_argument("--hue", type=int, default=166, help="its colour, 0 to 359 degrees")
        parser.add_argument("--purpose", default="")
        parser.add_argument("--hosting", default="", help="where the data lives and who runs the server")
        add_base_url(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        check_base_url(options["base_url"])
        fields = {key: options[key] for key in ("name", "slug", "language", "hue", "purpose", "hosting")}
        if Community.objects.filter(slug=fields["slug"]).exists():
            raise CommandError(f"There is a community with the address {fields['slug']} already.")
        try:
            Community(**fields).full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(f"{key}: {' '.join(why)}" for key, why in error.message_dict.items())) from None
        with transaction.atomic():
            community = actions.found_community(**fields)
            actions.create_room(community=community, name=FIRST_ROOM[community.language])
            _invitation, token = actions.invite(community=community, role=Role.Code.OWNER)
        self.stdout.write(link_to_invitation(options["base_url"], token))
