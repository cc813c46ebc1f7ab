"""Background work on communities."""

from celery import shared_task

from communities import actions


@shared_task
def delete_stale_joining() -> None:
    """Begun joinings that lead nowhere any more, and invitations that ended long ago."""
    actions.delete_stale_joining()
