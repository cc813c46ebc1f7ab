"""`manage.py sign_out`: end all sessions of an account."""

from typing import Any

from accounts import actions
from accounts.management.finding import AccountCommand, find_account


class Command(AccountCommand):
    help = "Signs an account out on all devices, at once; its open pages are cut."

    def handle(self, *args: Any, **options: Any) -> None:
        ended = actions.end_other_sessions(user=find_account(options["address"]), but=None)
        self.stdout.write(f"Signed out on {ended} device{'' if ended == 1 else 's'}.")
