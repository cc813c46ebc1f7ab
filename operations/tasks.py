"""Background work on running the place."""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready

from operations import heartbeat


@shared_task
def give_sign_of_life() -> None:
    heartbeat.give()


@worker_ready.connect
def queue_sign_of_life(**kwargs: Any) -> None:
    """Not only after half a minute. By way of the queue: it is the work that is shown to be done."""
    give_sign_of_life.apply_async(expires=heartbeat.EXPIRES_SECONDS)
