"""A web process whose bus may take a minute, and whose messages begin jobs: who waited for Redis would be seen to."""

from typing import Any

from config.asgi import application
from config.celery import app as jobs
from messaging.signals import message_posted
from realtime import bus, publish

bus.SEND_SECONDS = 60
jobs.conf.broker_transport_options = {**jobs.conf.broker_transport_options, "socket_timeout": 60}
publish.SEND_SECONDS = 60  # type: ignore[attr-defined]  # imported there by name


def begin_a_job(**kwargs: Any) -> None:
    from accounts.tasks import delete_old_sessions

    delete_old_sessions.delay()


message_posted.connect(begin_a_job)

__all__ = ["application"]
