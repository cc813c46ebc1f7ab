"""Letters about an account: what happened, what it means, what to do. In the language of whose account it is.

A letter is made once and becomes text and HTML by one pair of templates. Its heading is also its subject: a sentence of
ours, with nothing in it that anybody typed.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from smtplib import SMTPException
from urllib.parse import urlsplit

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from core.installation import site_name

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Letter:
    heading: str
    lines: list[str]
    #: What a link does, and where it leads; "" and "" for none.
    link: tuple[str, str] = ("", "")
    small: list[str] = field(default_factory=list)


def send_letter(to: str, language: str, write: Callable[[], Letter]) -> bool:
    """Whether the mail server took it. Never raises over one that does not: what the letter tells of has happened.

    Call it after commit. Needs no request: what an operator does by command line is told, too.
    """
    try:
        with translation.override(language or settings.LANGUAGE_CODE):
            _mail(to, write()).send()
    except (SMTPException, OSError) as error:
        # Neither its words nor its traceback: a server that refuses a mail says to whom it was.
        logger.error("A mail could not be sent: %s.", type(error).__name__)
        return False
    return True


def absolute(path: str) -> str:
    """Where the site is reached, as whoever runs it says, and not as a request does."""
    return f"{_base()}{path}"


def _base() -> str:
    named = [host.lstrip(".") for host in settings.ALLOWED_HOSTS if host != "*"]
    return settings.BASE_URL or f"https://{named[0] if named else 'localhost'}"


def _mail(to: str, letter: Letter) -> EmailMultiAlternatives:
    context = {"letter": letter, "site_name": site_name(), "current_site": {"domain": urlsplit(_base()).netloc}}
    text = render_to_string("accounts/email/letter.txt", context).strip()
    mail = EmailMultiAlternatives(letter.heading, text, get_adapter().get_from_email(), [to])
    mail.attach_alternative(render_to_string("accounts/email/letter.html", context).strip(), "text/html")
    return mail
