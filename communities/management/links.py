"""The address of an invitation, for commands: they know no request to ask for the host."""

from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import CommandError


def add_base_url(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--base-url", default=settings.BASE_URL, help="where the site is reached; else KREIS_BASE_URL says it"
    )


def check_base_url(base: str) -> None:
    """Asked before anything is made: a link that cannot be printed is lost.

    Raises: CommandError where nobody said where the site is reached.
    """
    if not base.startswith(("http://", "https://")):
        raise CommandError("Where is the site reached? Set KREIS_BASE_URL or give --base-url, with https:// in front.")


def link_to_invitation(base: str, token: str) -> str:
    return f"{base.rstrip('/')}/i/{token}/"
