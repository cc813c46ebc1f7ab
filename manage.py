"""Django's command line for this installation; without DATABASE_URL it acts in the house that `make run` started."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from operations.embedded.failure import StartError
from operations.running import enter_house


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        if not os.environ.get("DATABASE_URL"):
            enter_house(os.environ)
        # Read here: what is wrong with a setting is a sentence, not a traceback out of some command.
        _ = settings.DEBUG
    except (StartError, ImproperlyConfigured) as error:
        sys.exit(f"Kreis: {error}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
