"""The web process as it runs everywhere, with its rate limits counted but not enforced: a load is a flood."""

from config.asgi import application
from core import limits
from realtime import wire

count = limits.is_within


def is_within(key: str, *, times: int, seconds: float) -> bool:
    is_few = count(key, times=times, seconds=seconds)
    # Signs of writing are few in a real room, too: what is too much of them is dropped.
    return is_few or not key.startswith("signs:")


limits.is_within = is_within
wire.BURST = wire.FRAMES_PER_SECOND = 10**6

__all__ = ["application"]
