"""daphne with a wall clock that can be set: `python -m tests.faults.stepping …`, hours in the file `KREIS_TEST_CLOCK`.

The machine's clock belongs to everybody on it, and no namespace has a wall clock of its own. So `time.time` and
Django's `timezone.now` are replaced, before anything is imported that may keep them. The monotonic clock goes on, as
it does when a machine's clock is set.
"""

import os
import time
from datetime import datetime, timedelta
from pathlib import Path

_hours = Path(os.environ["KREIS_TEST_CLOCK"])
_time = time.time


def _shift() -> float:
    return float(_hours.read_text() or 0) * 3600


time.time = lambda: _time() + _shift()

from django.utils import timezone  # noqa: E402

_now = timezone.now


def _shifted_now() -> datetime:
    return _now() + timedelta(seconds=_shift())


timezone.now = _shifted_now

if __name__ == "__main__":
    from daphne.cli import CommandLineInterface

    CommandLineInterface.entrypoint()
