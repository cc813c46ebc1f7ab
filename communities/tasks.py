"""Background work on communities."""

from celery import shared_task

from communities import actions


@shared_task
def delete_stale_joining() -> None:
    """Begun joinings that lead nowhere any more, invitations that ended long ago, names that are free again."""
    actions.delete_stale_joining()
    actions.delete_old_names()
