"""Sentences of Today. `{% load overview %}`"""

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext, pgettext

from communities.models import Membership
from core.moments import part_of_day, weekday_and_day
from core.numbers import in_words
from overview.excerpts import Piece
from overview.today import Today

register = template.Library()


@register.simple_tag
def greeting(member: Membership) -> str:
    """By the site's clock."""
    words = {
        "morning": gettext("Good morning, %(name)s"),
        "noon": gettext("Hello, %(name)s"),
        "afternoon": gettext("Hello, %(name)s"),
        "evening": gettext("Good evening, %(name)s"),
        "night": gettext("Good evening, %(name)s"),
    }
    return words[part_of_day(timezone.localtime())] % {"name": member.first_name}


@register.simple_tag
def today_in_words() -> str:
    return weekday_and_day(timezone.localtime())


@register.simple_tag
def what_is_left(today: Today) -> str:
    """Behind "since Friday evening": how many rooms are still to be read."""
    if not today.left:
        return gettext("You have read everything.")
    if today.left == today.total:
        return ""
    sentence = ngettext("One is left for you.", "%(count)s are left for you.", today.left)
    return capfirst(sentence % {"count": in_words(today.left)})


@register.simple_tag
def left_in_ring(today: Today) -> str:
    if not today.left:
        return pgettext("ring", "all read")
    return pgettext("ring", "%(count)s left") % {"count": in_words(today.left)}


@register.simple_tag
def ring_label(today: Today) -> str:
    return gettext("Rooms read: %(done)s of %(total)s") % {"done": today.done, "total": today.total}


@register.simple_tag
def rooms_to_go(today: Today) -> str:
    """At the end of the list."""
    sentence = ngettext(
        "One more room, then you have read everything.",
        "%(count)s more rooms, then you have read everything.",
        today.left,
    )
    return capfirst(sentence % {"count": in_words(today.left)})


@register.simple_tag
def names(people: list[Membership], others: int = 0) -> str:
    """Who wrote, newest first: "Levi, Annegret and Tomasz", "Jonas, Kira and two others"."""
    called = [person.first_name for person in people]
    if others:
        last = ngettext("one other", "%(count)s others", others) % {"count": in_words(others)}
        called.append(last)
    if len(called) == 1:
        return called[0]
    return gettext("%(names)s and %(last)s") % {"names": ", ".join(called[:-1]), "last": called[-1]}


@register.simple_tag
def excerpt(pieces: list[Piece]) -> SafeString:
    """What was found, the words that were looked for marked."""
    return format_html_join("", "{}", ((_drawn(piece),) for piece in pieces))


def _drawn(piece: Piece) -> str:
    return format_html("<mark>{}</mark>", piece.text) if piece.is_marked else piece.text
