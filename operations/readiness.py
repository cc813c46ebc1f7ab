"""Run by `make run` before the site: prepare the application, then write down how to get in: into the demo, or to the
set-up.

One process for both, because most of the time goes into loading the application.
"""

import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import SystemCheckError


def main(port: str, links: Path) -> None:
    """What is printed is what was done: nothing on a second start. `links` are for the terminal's eyes only."""
    django.setup()
    from operations.setup.doors import setup_link

    try:
        call_command("prepare", skip_checks=False, without_link=True)
    except SystemCheckError as error:
        sys.exit(str(error))
    links.unlink(missing_ok=True)
    links.touch(mode=0o600)
    with links.open("w") as file:
        if settings.DEMO:
            call_command("demo_links", port=int(port), stdout=file)
        elif link := setup_link():
            file.write(f"  Set the place up:  {link}\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
