"""Background work on accounts."""

from celery import shared_task
from django.core.management import call_command

from accounts import actions


@shared_task
def delete_old_sessions() -> None:
    """Sessions that have ended, and accounts that were begun and never entered."""
    call_command("clearsessions")
    actions.delete_unverified_accounts()
