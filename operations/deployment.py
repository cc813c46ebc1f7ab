"""The step of `make check` that judges the settings: `check --deploy` over a database whose texts are written.

On an empty one it would only say that nobody has written them, and hide whether all else is well.
"""

import os

import django
from django.core.management import call_command


def main() -> None:
    """Bring the throwaway database up to date, fill in what an operator writes, and ask."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from core.models import Installation

    call_command("migrate", interactive=False, verbosity=0)
    texts = {f"{kind}_{code}": "written" for kind in ("imprint", "privacy", "terms") for code in ("de", "en")}
    Installation.objects.update_or_create(pk=Installation.ROW, defaults={"contact": "kreis@example.org", **texts})
    call_command("check", deploy=True, fail_level="WARNING")


if __name__ == "__main__":
    main()
