"""The sign of life of the background: a job that the clock queues and a worker does.

It lies in Redis beside the queue, under a name that passes away: its age is told by Redis's own clock.
"""

from django.conf import settings
from redis import Redis

_SCHEDULED = settings.CELERY_BEAT_SCHEDULE["heartbeat"]
#: How often the clock asks for one.
EVERY_SECONDS: int = _SCHEDULED["schedule"].seconds
#: A sign that a worker was late to give is worth nothing any more; the next one is on its way.
EXPIRES_SECONDS: int = _SCHEDULED["options"]["expires"]
#: Three that did not come are a worker that is down. Units: seconds.
SILENT_AFTER_SECONDS = 3 * EVERY_SECONDS
#: For how long it is still known when the last one came. Units: seconds.
REMEMBERED_SECONDS = 24 * 60 * 60

_KEY = f"{settings.CACHES['default']['KEY_PREFIX']}:heartbeat"
_QUEUE = f"{settings.CELERY_BROKER_TRANSPORT_OPTIONS['global_keyprefix']}celery"


def server(*, seconds: float) -> Redis:
    """A connection of its own that waits so long and no longer: the cache would hide that Redis is away."""
    return Redis.from_url(settings.REDIS_URL, socket_connect_timeout=seconds, socket_timeout=seconds)


def give() -> None:
    """A worker is here and does what the clock says. Raises: redis.RedisError."""
    with server(seconds=2) as redis:
        redis.set(_KEY, 1, ex=REMEMBERED_SECONDS)


def age(redis: Redis) -> int | None:
    """Units: seconds since the last sign; None where there was none within a day. Raises: redis.RedisError."""
    left = redis.ttl(_KEY)
    return REMEMBERED_SECONDS - int(left) if int(left) >= 0 else None


def waiting(redis: Redis) -> int:
    """How many jobs wait for a worker. Raises: redis.RedisError."""
    return int(redis.llen(_QUEUE))
