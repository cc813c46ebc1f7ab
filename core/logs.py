"""How what happens is logged: one line each, as JSON or for reading, with the number of the request it belongs to.

Fields: time (UTC), level, logger, process (web, worker, beat or command), event, request (see `core.requests`),
task, error, traceback. No message text, no addresses, no tokens, no keys of sessions, no query strings:
`core.discretion`.
"""

import copy
import logging
import sys
import threading
import time
from collections.abc import Mapping
from http.client import responses
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

from core.discretion import scrubbed, told, way_to, without_words

#: Loggers of ours: their sentences are ours, and only what they quote is looked at.
OURS = {"config", "operations", "overview", "messaging", "communities", "realtime", "accounts", "core"}
#: What this process is; set where it starts.
_process = "command"

logger = logging.getLogger(__name__)


def begin(process: str) -> None:
    """Say what this process is. What nobody catches in it is logged, too, instead of printed with all its words."""
    global _process
    _process = process
    sys.excepthook = lambda _kind, error, _way: _uncaught(error)
    sys.unraisablehook = lambda what: _uncaught(what.exc_value)
    threading.excepthook = lambda what: _uncaught(what.exc_value)


def _uncaught(error: BaseException | None) -> None:
    if error is not None and not isinstance(error, KeyboardInterrupt | SystemExit):
        logger.error("Something failed and nobody caught it.", exc_info=error)


class Seldom(logging.Filter):
    """What strangers can bring about as often as they like is told once a minute, so that it fills no disk."""

    SECONDS = 60.0

    def __init__(self) -> None:
        super().__init__()
        self._told_at: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        now = time.monotonic()
        if now - self._told_at.get(record.name, -self.SECONDS) < self.SECONDS:
            return False
        self._told_at[record.name] = now
        return True


class Formatter(structlog.stdlib.ProcessorFormatter):
    """Of every record, whoever logged it, only what may be told."""

    def __init__(self, *, as_json: bool, is_discreet: bool = True) -> None:
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False) if as_json else _plainly
        super().__init__(
            foreign_pre_chain=[_facts, structlog.contextvars.merge_contextvars],
            processors=[self.remove_processors_meta, renderer],
        )
        self._is_discreet = is_discreet

    def format(self, record: logging.LogRecord) -> str:
        return super().format(_discreet(record) if self._is_discreet else _whole(record))


def _facts(_logger: WrappedLogger, _name: str, said: EventDict) -> EventDict:
    record: logging.LogRecord = said["_record"]
    moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    facts = {
        "time": f"{moment}.{int(record.msecs):03d}Z",
        "level": record.levelname.lower(),
        "logger": record.name,
        "process": _process,
        "event": said.pop("event"),
    }
    more = {name: record.__dict__[name] for name in ("error", "traceback") if record.__dict__.get(name)}
    return {**facts, **more, **said}


def _plainly(_logger: WrappedLogger, _name: str, said: EventDict) -> str:
    """For people, and for the collected output of several programs."""
    about = "".join(f" {name}={said[name]}" for name in ("request", "task") if name in said)
    way = f"\n{said['traceback']}" if "traceback" in said else ""
    return f"{said['level'].upper()} {said['logger']}: {said['event']}{about and f' [{about.strip()}]'}{way}"


def _whole(record: logging.LogRecord) -> logging.LogRecord:
    """In development, where all is one's own: everything as it was said."""
    changed = copy.copy(record)
    changed.msg, changed.args = record.getMessage(), ()
    if record.exc_info and record.exc_info[1] is not None and not _is_of_strangers(record):
        changed.__dict__["traceback"] = logging.Formatter().formatException(record.exc_info)
    changed.exc_info = changed.exc_text = None
    return changed


def _discreet(record: logging.LogRecord) -> logging.LogRecord:
    changed = copy.copy(record)
    error = record.exc_info[1] if record.exc_info else None
    try:
        changed.msg, changed.args = _event(record), ()
    except Exception:  # as with any logger: what cannot be written must not end what it tells of
        changed.msg, changed.args = "Something was said that cannot be written down.", ()
    if error is not None and not _is_of_strangers(record):
        changed.__dict__ |= {"error": type(error).__name__, "traceback": way_to(error)}
    changed.exc_info = changed.exc_text = changed.stack_info = None
    return changed


def _is_of_strangers(record: logging.LogRecord) -> bool:
    """A refused request is no mistake of ours: the way there says nothing."""
    return record.name.startswith("django.security")


def _event(record: logging.LogRecord) -> str:
    outage = scrubbed(record.__dict__.get("outage", ""))
    if record.name == "django.request" or _is_of_strangers(record):
        return f"{_of_request(record)} {outage}".strip()
    if record.name == "celery.app.trace" and "data" in record.__dict__:
        return f"Task {record.__dict__['data'].get('name')} {outage or _outcome(record)}"
    if record.name.partition(".")[0] in OURS:
        return scrubbed(_said(record))
    text = _said(record).strip()
    if text.startswith("Traceback (most"):
        return without_words(text)
    # Of what others say, the first line: below it they print what was sent to them.
    return scrubbed(text.partition("\n")[0])


def _outcome(record: logging.LogRecord) -> str:
    error = record.exc_info[1] if record.exc_info else None
    return f"failed: {told(error)}" if error is not None else "did not succeed."


def _said(record: logging.LogRecord) -> str:
    """The message, where errors that are quoted in it say what they may say."""
    record = copy.copy(record)
    if isinstance(record.args, tuple):
        record.args = tuple(_Told(told(one)) if isinstance(one, BaseException) else one for one in record.args)
    elif isinstance(record.args, Mapping):
        values = record.args.items()
        record.args = {key: _Told(told(one)) if isinstance(one, BaseException) else one for key, one in values}
    if isinstance(record.msg, BaseException):
        record.msg = told(record.msg)
    return record.getMessage()


class _Told(str):
    """For `%r`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _of_request(record: logging.LogRecord) -> str:
    """Django names the address that was asked for, which may end in a token: the pattern of the address is enough."""
    status = getattr(record, "status_code", 0)
    request: Any = getattr(record, "request", None)
    match = getattr(request, "resolver_match", None)
    where = f"{request.method} /{match.route}" if match else ""
    if record.name == "django.security.DisallowedHost":
        return "Somebody came by a host name that KREIS_ALLOWED_HOSTS does not name."
    reason = record.name.rpartition(".")[2] if _is_of_strangers(record) else responses.get(status, "")
    return f"{reason or 'Error'} {status or ''} {where}".strip()
