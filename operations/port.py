"""The port of `make run`: the wished one, or the next that is free."""

import contextlib
import errno
import os
import socket

from operations.embedded.failure import StartError

TRIES = 50


def wanted_port(words: str) -> int:
    """0 means any. Raises: StartError for what is no port."""
    if not words.isdigit() or int(words) > 65535:
        raise StartError(f"PORT must be a number from 1 to 65535, not {words!r}.")
    return int(words)


def free_port(wanted: int) -> int:
    """Raises: StartError where the port may not be used, or many in a row are taken."""
    for port in range(wanted, min(wanted + TRIES, 65536)):
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    continue
                raise StartError(
                    f"port {port} may not be used ({os.strerror(error.errno or 0)}): try PORT=8000."
                ) from error
            if not answers_on_ipv6(port):
                return int(listener.getsockname()[1])
    raise StartError(f"ports {wanted} to {wanted + TRIES - 1} are all taken: choose another by PORT=…")


def answers_on_ipv6(port: int) -> bool:
    """A browser told `localhost` asks ::1 first: who listens there would be shown in our place."""
    with contextlib.suppress(OSError), socket.create_connection(("::1", port), timeout=1):
        return True
    return False
