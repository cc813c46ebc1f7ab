"""Background work on running the place."""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready

from operations import heartbeat
from operations.switching import complete_switch


@shared_task
def give_sign_of_life() -> None:
    heartbeat.give()


@shared_task
def complete_mail_switch() -> None:
    """A day after an operator asked for another mail server, unless one said no."""
    complete_switch()


@worker_ready.connect
def queue_sign_of_life(**kwargs: Any) -> None:
    """Not only after half a minute. By way of the queue: it is the work that is shown to be done."""
    give_sign_of_life.apply_async(expires=heartbeat.EXPIRES_SECONDS)
