"""A service that is away: the one kind of failure that is nobody's mistake and passes by itself.

It is told in one line instead of a traceback, because there may be hundreds in a minute and all of them say the same.
"""

import logging
import re
import sys
from pathlib import Path
from types import TracebackType

import psycopg
import redis
from django.db import DatabaseError, InterfaceError, OperationalError
from kombu.exceptions import OperationalError as QueueError

_ROOT = str(Path(__file__).resolve().parent.parent)
#: The server gave up on us, and what it says of it is no OperationalError: it ended a transaction that stood still.
_ENDED = (psycopg.errors.IdleInTransactionSessionTimeout, psycopg.errors.TransactionTimeout)
_AWAY = (
    OperationalError,
    InterfaceError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
    *_ENDED,
    redis.ConnectionError,
    redis.TimeoutError,
    QueueError,
)


#: Below these lines PostgreSQL quotes statements and rows.
_QUOTING = re.compile(r"^\s*(DETAIL|HINT|CONTEXT|QUERY|STATEMENT|LINE \d+):", re.MULTILINE)


def is_outage(error: BaseException | None) -> bool:
    """Whether a service could not be reached, did not answer in time, or had no room: trying again later may help."""
    if isinstance(error, _AWAY):
        return True
    return isinstance(error, DatabaseError) and isinstance(error.__cause__, _ENDED)


def reason(error: BaseException) -> str:
    """What the service, or whoever missed it, says of it; in one line."""
    return " ".join(_QUOTING.split(str(error))[0].split())


class InOneLine(logging.Filter):
    """Of an outage the log gets the reason and the place, not the way there."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and is_outage(error):
            outage = f"{type(error).__name__}: {reason(error)} ({_place(error)})"
            record.__dict__["outage"] = outage
            record.msg, record.args = f"{record.getMessage()} {outage}", ()
            record.exc_info = record.exc_text = None
        return True


def _place(error: BaseException) -> str:
    """The last line of ours on the way to the failure."""
    place, step = "elsewhere", error.__traceback__
    while isinstance(step, TracebackType):
        file = step.tb_frame.f_code.co_filename
        if file.startswith(_ROOT) and not file.startswith(sys.prefix):
            place = f"{Path(file).relative_to(_ROOT)}:{step.tb_lineno}"
        step = step.tb_next
    return place
