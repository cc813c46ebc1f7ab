"""The number of a request: it stands in each line of the log that belongs to it, in the answer, and on the page for
what broke, so that somebody can tell the operator which of all failures was theirs.

It goes on with what the request leads to: frames of a socket are `<number>.<count>`, jobs carry the number of the
request that queued them (`config.celery`). It names nobody: it is made anew each time.
"""

import re
import secrets

from structlog.contextvars import bind_contextvars, get_contextvars

#: Read out on the telephone: without letters and digits that look or sound alike.
_SIGNS = "23456789abcdefghjkmnpqrstvwxyz"
_SHAPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{5,63}")
HEADER = "X-Request-ID"


def new_number() -> str:
    """Shape: three groups of four. 58 bits: within a day no two are alike."""
    signs = "".join(secrets.choice(_SIGNS) for _ in range(12))
    return f"{signs[:4]}-{signs[4:8]}-{signs[8:]}"


def believed(said: str) -> str:
    """A number that one's own proxy has given, where it looks like one; else a new one."""
    return said if _SHAPE.fullmatch(said) else new_number()


def current() -> str:
    """The number of what is being done here; "" where it belongs to no request."""
    return str(get_contextvars().get("request", ""))


def bind(number: str) -> None:
    """From here on, in this thread or task, lines of the log bear this number."""
    bind_contextvars(request=number)
