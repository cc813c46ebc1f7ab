"""Background work on accounts."""

from celery import shared_task

from accounts import actions
from accounts.sessions import SessionStore


@shared_task
def delete_old_sessions() -> None:
    """Sessions that have ended, and accounts that were begun and never entered."""
    SessionStore.clear_expired()
    actions.delete_unverified_accounts()
