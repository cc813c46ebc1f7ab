"""What the health page shows: one tile for each part of the machine, asked while the page is made."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import redis
from django.conf import settings
from django.db import connection
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from redis.backoff import NoBackoff
from redis.retry import Retry

#: From which share of the disk on somebody should look. Units: per cent.
NEARLY_FULL = 80
#: Units: seconds.
PATIENCE = 2


@dataclass(frozen=True, slots=True)
class Tile:
    """One part: what it is called, how it is in a word or two, and a little more."""

    name: str
    is_well: bool
    state: str
    detail: str = ""


def tiles() -> list[Tile]:
    """All parts in the page's order. A part that does not answer is a tile that says so, never an error."""
    return [tile for part in PARTS for tile in part()]


def website() -> Iterator[Tile]:
    """Whoever reads this has been answered."""
    yield Tile(_("Website"), True, _("answers"), settings.BASE_URL.partition("://")[2])


def database() -> Iterator[Tile]:
    """Its version and how much it holds. Without it there is no page at all."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), pg_database_size(current_database())")
        version, size = cursor.fetchone()
    number = str(version).partition(" ")[0]
    yield Tile(_("Database"), True, _("answers"), f"PostgreSQL {number}, {filesizeformat(size)}")


def live() -> Iterator[Tile]:
    """Redis: news between web processes, the queue of jobs, the counting of limits."""
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=Retry(NoBackoff(), 0)
    )
    try:
        memory = client.info("memory")
    except redis.RedisError:
        detail = _("People can write and read; news comes late until it is back.")
        yield Tile("Redis", False, _("does not answer"), detail)
    else:
        used = filesizeformat(memory["used_memory"])
        yield Tile("Redis", True, _("answers"), _("%(size)s in memory") % {"size": used})
    finally:
        client.close()


def disk() -> Iterator[Tile]:
    """Of the machine on which this web process runs."""
    usage = shutil.disk_usage(settings.VAR_DIR if settings.VAR_DIR.exists() else settings.BASE_DIR)
    used = round(100 * usage.used / usage.total)
    state = _("room enough") if used < NEARLY_FULL else _("soon full")
    detail = _("%(used)s %% of %(size)s taken") % {"used": used, "size": filesizeformat(usage.total)}
    yield Tile(_("Disk"), used < NEARLY_FULL, state, detail)


PARTS: tuple[Callable[[], Iterator[Tile]], ...] = (website, database, live, disk)
