"""Pictures that people give: what is kept of them is what is to be seen, and nothing else."""

import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore
from typing import NewType

from core import reencoding

#: A picture that was drawn anew: `reencode` alone makes one.
Webp = NewType("Webp", bytes)

#: Units: bytes. What a phone's camera makes is smaller.
LARGEST = 10 * 1024 * 1024
#: Units: seconds, of waiting for the processor too.
_PATIENCE = 20
#: Each may take a lot of memory for a moment.
_at_once = BoundedSemaphore(2)


class PictureError(ValueError):
    """It cannot be shown. `is_too_large` says whether a smaller one could."""

    def __init__(self, *, is_too_large: bool = False) -> None:
        super().__init__("A picture that cannot be shown.")
        self.is_too_large = is_too_large


def reencode(data: bytes) -> Webp:
    """The middle square of a JPEG, PNG, WebP or GIF as WebP, at most 512 pixels wide, without metadata.

    Raises: PictureError.
    """
    if len(data) > LARGEST:
        raise PictureError(is_too_large=True)
    with _at_once:
        try:
            run = subprocess.run(  # noqa: S603  # our own program, and what was given is no argument of it
                [sys.executable, "-I", str(Path(reencoding.__file__))],
                input=data,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=_PATIENCE,
                check=False,
                env={},
            )
        except subprocess.TimeoutExpired:
            raise PictureError from None
    if run.returncode or not run.stdout:
        raise PictureError(is_too_large=run.returncode == reencoding.TOO_LARGE)
    return Webp(run.stdout)
