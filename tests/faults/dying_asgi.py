"""The site, in a process that is killed (-9) once, between COMMIT and acknowledgement."""

import os
import signal
from pathlib import Path
from typing import Any

from config.asgi import application
from messaging.signals import message_posted

__all__ = ["application"]


def die_once(**kwargs: Any) -> None:
    mark = Path(os.environ["KREIS_DIED"])
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)


message_posted.connect(die_once, weak=False)
