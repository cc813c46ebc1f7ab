"""Sentences with numbers on the pages that ask for a code. `{% load accounts %}`"""

from django import template
from django.utils.translation import gettext, ngettext

from core.numbers import in_words

register = template.Library()


@register.simple_tag
def tries_left(number: int) -> str:
    """How often one may still be wrong."""
    sentence = ngettext("You have one try left.", "You have %(count)s tries left.", number)
    return sentence % {"count": in_words(number)}


@register.simple_tag
def countdown(seconds: int) -> str:
    return countdown_words().replace("{seconds}", str(seconds))


@register.simple_tag
def countdown_words() -> str:
    """For countdown.js: words come from the page."""
    return gettext("New code possible in {seconds} seconds")
