"""The code that a session waits for, as if it had been mailed: `python -m bench.codes SESSION`."""

import re
import sys

import django

django.setup()

from accounts.sessions import SessionStore  # noqa: E402


def code_of(session_key: str) -> str:
    """Raises: IndexError where none is waited for."""
    found: list[str] = re.findall(r"'code': '(\d{6})'", repr(dict(SessionStore(session_key).items())))
    return found[0]


if __name__ == "__main__":
    print(code_of(sys.argv[1]))
