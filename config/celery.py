"""The background worker and its clock."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from celery import Celery, Task
from celery.signals import beat_init, before_task_publish, celeryd_init, setup_logging, task_postrun, task_prerun
from structlog.contextvars import bind_contextvars, clear_contextvars

from core import logs, requests

app = Celery("kreis")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

#: In a job's message: the number of the request that queued it.
_NUMBER = "kreis_request"


@setup_logging.connect
def keep_logging(**kwargs: Any) -> None:
    """Django has set it up, for all processes alike; whoever answers this keeps Celery from doing it again."""


@celeryd_init.connect
def begin_worker(**kwargs: Any) -> None:
    logs.begin("worker")
    _refuse_unsafe()


@beat_init.connect
def begin_beat(**kwargs: Any) -> None:
    logs.begin("beat")
    _refuse_unsafe()


def _refuse_unsafe() -> None:
    from operations.checks import refuse_unsafe  # the settings have been read by now

    refuse_unsafe()


@before_task_publish.connect
def note_number(headers: dict[str, Any], **kwargs: Any) -> None:
    headers[_NUMBER] = requests.current()


@task_prerun.connect
def bind_number(task: "Task[Any, Any]", **kwargs: Any) -> None:
    """What the clock queued belongs to no request: it has a number of its own."""
    number = getattr(task.request, _NUMBER, "") or requests.new_number()
    bind_contextvars(request=number, task=task.name)


@task_postrun.connect
def unbind_number(**kwargs: Any) -> None:
    clear_contextvars()
