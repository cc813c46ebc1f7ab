"""The worker, with a job that fails over what somebody said."""

from celery import shared_task

from config.celery import app


@shared_task
def fail_over(said: str) -> None:
    raise ValueError(f"no {said}")


__all__ = ["app"]
