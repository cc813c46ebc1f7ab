"""Rate limits that never wait: counted in this process's memory, per key."""

import time
from collections import deque
from threading import Lock

_seen: dict[str, deque[float]] = {}
_lock = Lock()
_SWEEP_SECONDS = 60
_swept_at = 0.0


def _sweep(now: float) -> None:
    """Forget keys that were not used for an hour, at most once a minute."""
    global _swept_at
    if now - _swept_at > _SWEEP_SECONDS:
        _swept_at = now
        for stale in [key for key, uses in _seen.items() if not uses or uses[-1] < now - 3600]:
            del _seen[stale]


def is_within(key: str, *, times: int, seconds: float) -> bool:
    """Count one more use of the key; whether it is still within the limit.

    Each web process counts on its own, so the site's limit is this times the number of processes.
    """
    now = time.monotonic()
    with _lock:
        _sweep(now)
        uses = _seen.setdefault(key, deque())
        while uses and uses[0] <= now - seconds:
            uses.popleft()
        if len(uses) >= times:
            return False
        uses.append(now)
        return True


def is_spent(key: str, *, times: int, seconds: float) -> bool:
    """Whether nothing is left of a limit. Counts nothing and keeps no key that is not there."""
    with _lock:
        uses = _seen.get(key, ())
        return sum(use > time.monotonic() - seconds for use in uses) >= times
