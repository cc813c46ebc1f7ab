"""The web process as it runs everywhere, with its rate limits counted but not enforced: a load is a flood."""

from config.asgi import application
from core import limits

count = limits.is_within


def is_within(key: str, *, times: int, seconds: float) -> bool:
    count(key, times=times, seconds=seconds)
    return True


limits.is_within = is_within

__all__ = ["application"]
