"""`manage.py reseal`: after another KREIS_SEAL_KEY was put in front, so that the old one can go."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actions import reseal_app_secrets
from operations.switching import reseal_mail_passwords


class Command(BaseCommand):
    help = (
        "Seals everything with the first of KREIS_SEAL_KEY that an older one sealed. Says what still needs an older "
        "one: recovery codes can only be made anew by those whose they are."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        mail, mail_lost = reseal_mail_passwords()
        apps, apps_lost, codes = reseal_app_secrets()
        self.stdout.write(f"Sealed anew: authenticator apps: {apps}, passwords of mail servers: {mail}.")
        if codes:
            self.stdout.write(
                f"People whose recovery codes are of an older key: {codes}. Without it these work no more; until they "
                "have new ones, the key has to stay behind the new one."
            )
        if apps_lost or mail_lost:
            raise CommandError(
                f"Not readable with any key that is given: authenticator apps: {apps_lost}, passwords of mail "
                f"servers: {mail_lost}. Is a key missing in KREIS_SEAL_KEY?"
            )
        if not codes:
            self.stdout.write("No older key is needed any more.")
