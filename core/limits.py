"""Rate limits that never wait: counted in this process's memory, per key."""

import time
from collections import deque
from threading import Lock

_seen: dict[str, deque[float]] = {}
_lock = Lock()
_MOST_KEYS = 10_000


def is_within(key: str, *, times: int, seconds: float) -> bool:
    """Count one more use of the key; whether it is still within the limit.

    Each web process counts on its own, so the site's limit is this times the number of processes.
    """
    now = time.monotonic()
    with _lock:
        if len(_seen) > _MOST_KEYS:
            for stale in [k for k, uses in _seen.items() if not uses or uses[-1] < now - 3600]:
                del _seen[stale]
        uses = _seen.setdefault(key, deque())
        while uses and uses[0] <= now - seconds:
            uses.popleft()
        if len(uses) >= times:
            return False
        uses.append(now)
        return True
