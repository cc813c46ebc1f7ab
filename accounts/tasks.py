"""Background work on accounts."""

from celery import shared_task

from accounts import actions
from accounts.sessions import SessionStore


@shared_task
def delete_old_sessions() -> None:
    """Sessions that have ended, accounts that were begun and never entered, and what is kept for a while only."""
    SessionStore.clear_expired()
    actions.delete_unverified_accounts()
    actions.forget_what_is_old()


@shared_task
def complete_factor_resets() -> None:
    """48 hours after an operator asked, unless somebody said no."""
    actions.complete_due_resets()
