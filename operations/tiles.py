"""What the health page shows: one tile for each part of the machine, asked while the page is made."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from core.installation import installation
from core.mail import can_send, is_said_by_environment
from operations.health import Part, look

#: From which share of the disk on somebody should look. Units: per cent.
NEARLY_FULL = 80


@dataclass(frozen=True, slots=True)
class Tile:
    """One part: what it is called, how it is in a word or two, and a little more."""

    name: str
    is_well: bool
    state: str
    detail: str = ""


def tiles() -> list[Tile]:
    """All parts in the page's order. A part that does not answer is a tile that says so, never an error."""
    parts = {part.name: part for part in look()}
    shown = (website(), database(parts["migrations"]), live(parts["redis"]), worker(parts["worker"]), mails(), disk())
    return [tile for some in shown for tile in some]


def website() -> Iterator[Tile]:
    """Whoever reads this has been answered."""
    yield Tile(_("Website"), True, _("answers"), settings.BASE_URL.partition("://")[2])


def database(migrations: Part) -> Iterator[Tile]:
    """Its version and how much it holds, and whether it is as this version of Kreis wants it. Without it there is no
    page at all.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), pg_database_size(current_database())")
        version, size = cursor.fetchone()
    number = str(version).partition(" ")[0]
    is_new = migrations.is_well
    state = _("answers") if is_new else _("is of an older version")
    yield Tile(_("Database"), is_new, state, f"PostgreSQL {number}, {filesizeformat(size)}")


def live(part: Part) -> Iterator[Tile]:
    """Redis: news between web processes, the queue of jobs, the counting of limits."""
    if part.is_well:
        yield Tile("Redis", True, _("answers"), _("live news, jobs, limits"))
    else:
        yield Tile("Redis", False, _("does not answer"), _("News comes late until it is back; nothing is lost."))


def worker(part: Part) -> Iterator[Tile]:
    """What is done in the background: mails, clearing up."""
    waiting = part.figures.get("waiting", 0)
    detail = _("%(number)s waiting") % {"number": waiting} if waiting else _("nothing is waiting")
    seconds = part.figures.get("last_sign_seconds")
    if part.is_well:
        yield Tile(_("Jobs"), True, _("done as they come"), detail)
    elif part.problem == "silent" and seconds is not None:
        ago = _("last seen %(minutes)s min ago") % {"minutes": seconds // 60}
        yield Tile(_("Jobs"), False, _("nobody does them"), f"{ago}, {detail}")
    else:
        yield Tile(_("Jobs"), False, _("nobody does them"), _("Is the worker running?"))


def mails() -> Iterator[Tile]:
    """Whether there is a server by which mail leaves; whether it arrives is what a test mail tells."""
    row = installation()
    if not settings.EMAIL_BACKEND.startswith("core.mail."):
        yield Tile(_("Mail"), True, _("kept here"), _("Mails go into a folder, not out."))
    elif can_send():
        host = settings.EMAIL_HOST if is_said_by_environment() else row.mail_host
        yield Tile(_("Mail"), True, _("set up"), host)
    else:
        yield Tile(_("Mail"), False, _("not set up"), _("No code and no invitation can be sent."))


def disk() -> Iterator[Tile]:
    """Of the machine on which this web process runs."""
    usage = shutil.disk_usage(settings.VAR_DIR if settings.VAR_DIR.exists() else settings.BASE_DIR)
    used = round(100 * usage.used / usage.total)
    state = _("room enough") if used < NEARLY_FULL else _("soon full")
    detail = _("%(used)s %% of %(size)s taken") % {"used": used, "size": filesizeformat(usage.total)}
    yield Tile(_("Disk"), used < NEARLY_FULL, state, detail)
