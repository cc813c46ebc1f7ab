"""Points in time as words, in the site's zone: what a page says before `times.js` sets it right in the reader's."""

import math
from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import get_language, gettext, ngettext, pgettext

from core.numbers import in_words

#: From which hour on a part of the day is called so; the night before the first of them too.
_PARTS = ((5, "morning"), (11, "noon"), (14, "afternoon"), (18, "evening"), (22, "night"))


def day(value: date, with_year: bool = False) -> str:
    """The date; with its year where that is another one."""
    pattern = "j. F" if (get_language() or "").startswith("de") else "j F"
    return format_date(value, pattern + (" Y" if with_year or value.year != timezone.localdate().year else ""))


def in_full(value: datetime) -> str:
    """Day, year and time by the site's clock, for mails, where no script sets it right."""
    local = timezone.localtime(value)
    return f"{day(local, with_year=True)}, {local:%H:%M}"


def weekday_and_day(local: datetime) -> str:
    return f"{format_date(local, 'l')}, {day(local)}"


def divider(local: datetime) -> str:
    """Above what was said on one day: "Today, Sunday", "Yesterday, Saturday", else "Friday, 20 November"."""
    days_ago = (timezone.localdate() - local.date()).days
    near = {0: pgettext("divider", "Today, %(day)s"), 1: pgettext("divider", "Yesterday, %(day)s")}.get(days_ago)
    return near % {"day": format_date(local, "l")} if near else weekday_and_day(local)


def part_of_day(local: datetime) -> str:
    """One of morning, noon, afternoon, evening, night."""
    return next((name for hour, name in reversed(_PARTS) if local.hour >= hour), "night")


def day_part(local: datetime) -> str:
    """About when: "this morning", "yesterday evening", "Friday night", from a week on the date.

    Hours before five belong to the night that began the day before.
    """
    evening = local - timedelta(hours=_PARTS[0][0])
    today = (timezone.localtime() - timedelta(hours=_PARTS[0][0])).date()
    days_ago = (today - evening.date()).days
    part = part_of_day(local)
    if days_ago == 0:
        return _today(part)
    if days_ago == 1:
        return _yesterday(part)
    if 1 < days_ago < 7:
        return _weekday(evening, part)
    return day(local)


def ago(local: datetime) -> str:
    """Within the last hour in minutes, before that as `day_part` has it."""
    minutes = int((timezone.now() - local).total_seconds() // 60)
    if minutes < 1:
        return gettext("just now")
    if minutes < 60:
        return ngettext("%(count)s minute ago", "%(count)s minutes ago", minutes) % {"count": minutes}
    return day_part(local)


def in_about(seconds: float) -> str:
    """How long to wait: "in a few seconds", "in about three minutes", rather longer than shorter."""
    if seconds <= 10:
        return gettext("in a few seconds")
    if seconds <= 60:
        return gettext("in about a minute")
    minutes, hours = math.ceil(seconds / 60), math.ceil(seconds / 3600)
    if minutes < 60:
        words = ngettext("in about %(count)s minute", "in about %(count)s minutes", minutes)
        return words % {"count": in_words(minutes)}
    if hours < 24:
        return ngettext("in about an hour", "in about %(count)s hours", hours) % {"count": in_words(hours)}
    return gettext("in about a day")


def _today(part: str) -> str:
    return {
        "morning": pgettext("when", "this morning"),
        "noon": pgettext("when", "today at noon"),
        "afternoon": pgettext("when", "this afternoon"),
        "evening": pgettext("when", "this evening"),
        "night": pgettext("when", "tonight"),
    }[part]


def _yesterday(part: str) -> str:
    return {
        "morning": pgettext("when", "yesterday morning"),
        "noon": pgettext("when", "yesterday at noon"),
        "afternoon": pgettext("when", "yesterday afternoon"),
        "evening": pgettext("when", "yesterday evening"),
        "night": pgettext("when", "last night"),
    }[part]


def _weekday(local: datetime, part: str) -> str:
    words = {
        "morning": pgettext("when", "%(day)s morning"),
        "noon": pgettext("when", "%(day)s noon"),
        "afternoon": pgettext("when", "%(day)s afternoon"),
        "evening": pgettext("when", "%(day)s evening"),
        "night": pgettext("when", "%(day)s night"),
    }
    return words[part] % {"day": format_date(local, "l")}


#: How a moment may be written.
WORDS: dict[str, Callable[[datetime], str]] = {
    "auto": lambda local: f"{local:%H:%M}" if local.date() == timezone.localdate() else day(local),
    "time": lambda local: f"{local:%H:%M}",
    "date": lambda local: day(local),
    "full": lambda local: f"{day(local)}, {local:%H:%M}",
    "day": divider,
    "part": day_part,
    "ago": ago,
}
