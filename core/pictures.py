"""Pictures that people give: what is kept of them is what is to be seen, and nothing else."""

import logging
import subprocess
import sys
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import SIGXCPU
from threading import Condition
from typing import NewType

from django.db import connection

from core import reencoding

logger = logging.getLogger(__name__)

#: A picture that was drawn anew: `reencode` alone makes one.
Webp = NewType("Webp", bytes)

#: Units: bytes. What a phone's camera makes is smaller.
LARGEST = 10 * 1024 * 1024
#: Units: seconds until there is room, and of drawing, with waiting for the processor: together a page's patience (8 s).
_QUEUE_PATIENCE, _PATIENCE = 2, 6
#: Each may take a lot of memory for a moment.
_AT_ONCE = 2
_drawing: set[Hashable] = set()
_turn = Condition()


class PictureError(ValueError):
    """It cannot be shown. `is_too_large`: a smaller one could. `is_busy`: the same one could, later."""

    def __init__(self, *, is_too_large: bool = False, is_busy: bool = False) -> None:
        super().__init__("A picture that cannot be shown.")
        self.is_too_large = is_too_large
        self.is_busy = is_busy


def reencode(data: bytes, *, whose: Hashable = None) -> Webp:
    """The middle square of a JPEG, PNG, WebP or GIF as WebP, at most 512 pixels wide, without metadata.

    One at a time of the same `whose`. To be asked outside of a transaction.

    Raises: PictureError.
    """
    if len(data) > LARGEST:
        raise PictureError(is_too_large=True)
    _give_back_connection()
    with _room_for(object() if whose is None else whose):
        run = _run(data)
    if run.returncode or not run.stdout:
        raise PictureError(is_too_large=run.returncode in {reencoding.TOO_LARGE, -SIGXCPU})
    return Webp(run.stdout)


def _give_back_connection() -> None:
    """Sixteen who wait here with a connection to the database are the whole pool, and no page would be answered."""
    if not connection.in_atomic_block:
        connection.close()


@contextmanager
def _room_for(whose: Hashable) -> Iterator[None]:
    """Raises: PictureError where there is none for some seconds."""
    with _turn:
        if not _turn.wait_for(lambda: whose not in _drawing and len(_drawing) < _AT_ONCE, _QUEUE_PATIENCE):
            raise PictureError(is_busy=True)
        _drawing.add(whose)
    try:
        yield
    finally:
        with _turn:
            _drawing.remove(whose)
            _turn.notify_all()


def _run(data: bytes) -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(  # noqa: S603  # our own program, and what was given is no argument of it
            [sys.executable, "-I", str(Path(reencoding.__file__))],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE,
            check=False,
            cwd="/",
            env={},
        )
    except subprocess.TimeoutExpired:
        # A picture that asks too much meets its limit of the processor's time first: the machine is busy.
        raise PictureError(is_busy=True) from None
    except OSError as error:
        # No memory or no process left: that passes. What does not, the operator should know.
        logger.warning("The program that draws pictures could not be started: %s", error)
        raise PictureError(is_busy=True) from error
