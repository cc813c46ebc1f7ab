"""The house's own template tags: signs, faces, circles, moments, fields. `{% load kreis %}`"""

import math
import uuid
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Protocol

import lucide
from django import forms, template
from django.conf import settings
from django.forms.boundfield import BoundField
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core import moments
from core.moments import WORDS, day
from core.numbers import in_words as number_in_words
from core.qr import qr

register = template.Library()


class Face(Protocol):
    """What an avatar needs to know of a person: a membership has it, and so has a draft of one."""

    @property
    def display_name(self) -> str: ...

    @property
    def initials(self) -> str: ...

    @property
    def hue(self) -> int: ...

    @property
    def picture_id(self) -> uuid.UUID | None: ...


# ---- Signs ----------------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, size: int = 18, css: str = "", label: str = "") -> SafeString:
    """A Lucide sign. With a label it is an image of its own, without one it only accompanies words."""
    try:
        # str(): the template engine hands over SafeStrings, which ElementTree would not take.
        return _drawn(str(name), int(size), f"icon {css}".strip(), str(label))
    except lucide.IconDoesNotExist:
        if settings.DEBUG or getattr(settings, "TEST", False):
            raise
        return SafeString("")  # a missing sign must not take a page down


@lru_cache(maxsize=512)
def _drawn(name: str, size: int, css: str, label: str) -> SafeString:
    """Drawing parses an SVG out of a zip file; a page shows the same few signs again and again."""
    spoken = {"role": "img", "aria-label": label} if label else {"aria-hidden": "true"}
    turn = {"data-turn": ""} if name.startswith(("arrow-left", "arrow-right", "chevron-left", "chevron-right")) else {}
    attributes: dict[str, object] = {"class": css, "stroke-width": "1.75", **spoken, **turn}
    svg = lucide._render_icon(name, size, **attributes)
    return SafeString(" ".join(svg.split()).replace("> <", "><"))  # nosec B703: a file of the package


def _spoken(label: str) -> SafeString:
    """With a label a picture speaks, without one it is silent."""
    if label:
        return format_html('role="img" aria-label="{}"', label)
    return SafeString('aria-hidden="true"')


@register.simple_tag
def mark(size: int = 26) -> SafeString:
    """The mark of the house: a circle with one open seat, and a lamp lit in it."""
    return format_html(
        '<svg class="mark" width="{0}" height="{0}" viewBox="0 0 32 32" fill="none" aria-hidden="true">'
        '<path d="M26.3 12.1A11 11 0 1 1 19.9 5.7" stroke="currentColor" stroke-width="4.4"'
        ' stroke-linecap="round"/><circle class="seat" cx="24.6" cy="7.4" r="3.5"/></svg>',
        int(size),
    )


register.simple_tag(qr)


# ---- People ---------------------------------------------------------------------------------------------


@register.simple_tag
def avatar(
    member: Face,
    size: str = "md",
    alt: bool = False,
    you: bool = False,
    here: bool = False,
    picture: bool = True,
) -> SafeString:
    """A person's circle: their picture, or their initials in rings; without `picture` for whoever may not see that.

    `alt` where it stands alone and must carry the name; beside a name it is silent.
    """
    return format_html(
        '<span class="avatar" data-size="{}" data-hue="{}"{}{} {}>{}{}</span>',
        size,
        int(member.hue) % 360,
        " data-here" if here else "",
        " data-you" if you else "",
        _spoken(member.display_name if alt else ""),
        member.initials,
        _picture(member.picture_id if picture else None),
    )


def _picture(picture: "uuid.UUID | None") -> SafeString:
    """Over the initials, which stay for as long as it loads, and where it does not."""
    if not picture:
        return SafeString("")
    source = reverse("picture", args=[picture])
    return format_html('<img src="{}" alt="" width="512" height="512" loading="lazy" decoding="async">', source)


KINDS = {"anon": "venetian-mask", "bot": "bot", "open": "plus"}


@register.simple_tag
def avatar_kind(kind: str, size: str = "md") -> SafeString:
    """Not a person: `anon` is dashed, `bot` is square, `open` is a free seat."""
    return format_html(
        '<span class="avatar" data-kind="{}" data-size="{}" aria-hidden="true">{}</span>',
        kind,
        size,
        icon(KINDS[kind]),
    )


# ---- Circles --------------------------------------------------------------------------------------------


@register.simple_block_tag
def seats(
    content: str, n: int, d: str = "m", seat: str = "m", open_at: int | str | None = None, label: str = ""
) -> SafeString:
    """A circle of faceless seats, one of them free (`open_at` counts from 0; `"all"` empties the circle).

    What stands between the tags is shown in the middle. Before somebody has joined, the number of seats is
    a picture and never the number of members.
    """
    dots = ((" data-open" if open_at in (index, "all") else " data-faceless",) for index in range(n))
    return format_html(
        '<div class="seats" data-n="{}" data-d="{}" data-seat="{}" {}><ul aria-hidden="true">{}</ul>{}</div>',
        n,
        d,
        seat,
        _spoken(label),
        format_html_join("", '<li><span class="dot"{}></span></li>', dots),
        format_html('<div class="seats-mid">{}</div>', content) if content.strip() else "",
    )


@register.simple_block_tag
def people_seats(content: str, people: list[Face], d: str = "m", seat: str = "s", here: bool = False) -> SafeString:
    """A circle of people; beside it or behind it the same names stand as a list, so it is silent.

    With the seat "dot" each is a dot of their colour. A lamp stands beside whoever has `is_here` set, or beside all.
    """

    def seated(person: Face) -> SafeString:
        is_here = here or getattr(person, "is_here", False)
        return _dot(person, here=is_here) if seat == "dot" else avatar(person, "sm", here=is_here)

    sitting = ((seated(person),) for person in people)
    return format_html(
        '<div class="seats" data-n="{}" data-d="{}" data-seat="{}" aria-hidden="true"><ul>{}</ul>{}</div>',
        len(people),
        d,
        seat,
        format_html_join("", "<li>{}</li>", sitting),
        format_html('<div class="seats-mid">{}</div>', content) if content.strip() else "",
    )


def _dot(person: Face, here: bool = False) -> SafeString:
    return format_html('<span class="dot" data-hue="{}"{}></span>', int(person.hue) % 360, " data-here" if here else "")


CENTRE, RADIUS = 20, 16
MOST_ARCS = 12


@register.simple_tag
def ring(
    total: int,
    done: int,
    size: str = "m",
    sign: str = "",
    now: bool = False,
    label: str = "",
    closed: bool = False,
    text: str = "",
) -> SafeString:
    """Progress that ends: `total` arcs, `done` of them drawn, the next one lit where `now` is set.

    `size` is nav, xs, s, m, l, xl or xxl; in the middle stands the icon `sign` or a few words of `text`. When all is
    done it is a circle. More than twelve arcs could not be told apart: from there on one stands for several.
    """
    width = 5.0 if size == "nav" else 3.2
    total, done = min(total, MOST_ARCS), done if total <= MOST_ARCS else done * MOST_ARCS // total
    closed = closed or done >= total > 0
    if closed or total < 2:
        arcs = [_whole("now" if now and not closed else "done")]
    else:
        arcs = [_arc(i, total, done, now, width) for i in range(total)]
    return format_html(
        '<span class="ring" data-d="{}"{} {}><svg viewBox="0 0 40 40" fill="none" stroke-width="{}"'
        ' stroke-linecap="round" aria-hidden="true">{}</svg>{}</span>',
        size,
        " data-closed" if closed else "",
        _spoken(label),
        f"{width:g}",
        format_html_join("", "{}", ((arc,) for arc in arcs)),
        format_html('<span class="ring-mid">{}</span>', icon(sign, 26) if sign else text) if sign or text else "",
    )


def _whole(state: str) -> SafeString:
    """One dash as long as the circle, which ring.css lets grow when it closes."""
    return format_html(
        '<circle class="{1}" cx="{0}" cy="{0}" r="{2}" stroke-dasharray="100.531" transform="rotate(-90 {0} {0})"/>',
        CENTRE,
        state,
        RADIUS,
    )


def _arc(index: int, total: int, done: int, now: bool, width: float) -> SafeString:
    """One arc; the gap makes room for round line ends and never eats more than the arc itself."""
    gap = min((width + 2.4) / (2 * math.pi * RADIUS), 0.6 / total)
    start, end = index / total + gap / 2, (index + 1) / total - gap / 2
    return format_html(
        '<path class="{0}" d="M{1}A{2} {2} 0 {3} 1 {4}"/>',
        "done" if index < done else "now" if now and index == done else "todo",
        _point(start),
        RADIUS,
        int(end - start > 0.5),
        _point(end),
    )


def _point(turn: float) -> str:
    angle = turn * 2 * math.pi - math.pi / 2
    return f"{CENTRE + RADIUS * math.cos(angle):.2f} {CENTRE + RADIUS * math.sin(angle):.2f}"


@register.filter
def in_words(number: int) -> str:
    """A small number as a word, for sentences."""
    return number_in_words(number)


# ---- Moments --------------------------------------------------------------------------------------------


@register.simple_tag
def moment(value: datetime | date, kind: str = "auto") -> SafeString:
    """A point in time. The server writes its own zone; `times.js` sets it right in the reader's.

    `kind` is auto (the time today, else the date), time, date, full, day (with the day of the week; today and yesterday
    by name), part (about when), or ago (in minutes, later about when). A plain date is never shifted.
    """
    if not isinstance(value, datetime):
        return format_html('<time datetime="{}">{}</time>', value.isoformat(), day(value))
    local = timezone.localtime(value)
    return format_html(
        '<time datetime="{}" data-moment="{}" title="{}">{}</time>',
        value.isoformat(timespec="seconds"),
        kind,
        in_full(value),
        WORDS[kind](local),
    )


@register.filter
def in_full(value: datetime) -> str:
    return moments.in_full(value)


# ---- Fields ---------------------------------------------------------------------------------------------


@register.filter
def control_kind(field: BoundField) -> str:
    """How `_field.html` lays a field out: hidden, checkbox, choices (several controls) or input."""
    widget = field.field.widget
    if field.is_hidden:
        return "hidden"
    if isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return "choices"
    return "checkbox" if isinstance(widget, forms.CheckboxInput) else "input"


@register.simple_tag
def control(field: BoundField, **attributes: Any) -> SafeString:
    """The form control itself, in the house's clothes; Django adds aria-invalid and aria-describedby."""
    worn = [field.field.widget.attrs.get("class", ""), attributes.pop("css", "")]
    if control_kind(field) == "input":
        worn.insert(0, "input")
    named = {name.replace("_", "-"): value for name, value in attributes.items()}
    # Whoever made a mistake is led to it.
    if field.name == next((name for name in field.form.fields if name in field.form.errors), None):
        named["autofocus"] = True
    css = " ".join(word for word in worn if word)
    return field.as_widget(attrs={**named, "class": css} if css else named)


@register.inclusion_tag("elements/_errors.html")
def errors_for(field: BoundField) -> dict[str, object]:
    """What is wrong with one field, where its aria-describedby points to."""
    return {"errors": field.errors, "id": f"{field.auto_id}_error" if field.auto_id else ""}
