"""Unsafe combinations of settings: Django system checks, so that they are told before anything runs."""

import ipaddress
import sys
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import ERROR, CheckMessage, Error, Warning, register
from django.db import DatabaseError

from core.models import Installation

TAG = "kreis"
SHORTEST_KEY = 32
LOCAL_NAMES = {"localhost", "testserver"}


@register(TAG)
def check_settings(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    is_production = not (settings.DEBUG or settings.TEST)
    return [*_everywhere(), *(_production() if is_production else _development())]


def refuse_unsafe() -> None:
    """For processes that serve: Django itself checks only before some commands.

    Raises: SystemExit with one sentence for each thing that is unsafe.
    """
    wrong = [message.msg for message in check_settings(None) if message.level >= ERROR]
    if wrong:
        sys.exit("\n".join(f"Kreis does not start: {sentence}" for sentence in wrong))


def _everywhere() -> Iterator[CheckMessage]:
    if settings.DEMO_WANTED and not settings.DEBUG:
        yield Error("KREIS_DEMO is set without KREIS_DEBUG: the demo lets anybody sign in as anybody.", id="kreis.E001")
    if settings.EMAIL_USE_TLS and settings.EMAIL_USE_SSL:
        yield Error("KREIS_MAIL_TLS and KREIS_MAIL_STARTTLS exclude each other: set one of them.", id="kreis.E002")
    base = _base()
    if settings.BASE_URL and (base.scheme not in {"http", "https"} or not base.hostname or base.path or base.query):
        yield Error(
            "KREIS_BASE_URL must look like https://kreis.example.org, with nothing behind the name.", id="kreis.E003"
        )


def _development() -> Iterator[CheckMessage]:
    """Pages of a failing site show its inside, cookies go over plain HTTP, the secret key may be a public one."""
    hosts = [*settings.ALLOWED_HOSTS, _base().hostname or "localhost"]
    if far := sorted({host for host in hosts if not is_local(host)}):
        name = "KREIS_DEBUG" if settings.DEBUG else "KREIS_TEST"
        yield Error(f"{name} is for this machine alone, but the site answers to: {', '.join(far)}.", id="kreis.E010")


def _production() -> Iterator[CheckMessage]:
    if len(settings.SECRET_KEY) < SHORTEST_KEY:
        yield Error(f"KREIS_SECRET_KEY is too short: {SHORTEST_KEY} characters at least, at random.", id="kreis.E020")
    if not settings.SEAL_KEYS or any(len(key) < SHORTEST_KEY for key in settings.SEAL_KEYS):
        yield Error(
            f"KREIS_SEAL_KEY is missing or too short: {SHORTEST_KEY} characters at least, at random.", id="kreis.E023"
        )
    if settings.SECRET_KEY in settings.SEAL_KEYS:
        yield Error("KREIS_SEAL_KEY must be another one than KREIS_SECRET_KEY.", id="kreis.E024")
    if settings.HEALTH_TOKEN and len(settings.HEALTH_TOKEN) < SHORTEST_KEY:
        yield Error(
            f"KREIS_HEALTH_TOKEN is too short: {SHORTEST_KEY} characters at least, at random, or none.", id="kreis.E025"
        )
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        yield Error("KREIS_ALLOWED_HOSTS must name the hosts under which the site is reached.", id="kreis.E021")
    if not all(origin.startswith("https://") and "*" not in origin for origin in settings.CSRF_TRUSTED_ORIGINS):
        yield Error("KREIS_TRUSTED_ORIGINS must name whole origins that begin with https://.", id="kreis.E026")
    if settings.TRUSTED_PROXIES < 0:
        yield Error("KREIS_TRUSTED_PROXIES is the number of your own proxies: 0 or more.", id="kreis.E027")
    base = _base()
    if base.scheme == "http" and not is_local(base.hostname or ""):
        yield Error("KREIS_BASE_URL must begin with https: nobody can sign in over plain HTTP.", id="kreis.E022")
    if not settings.BASE_URL:
        yield Warning("KREIS_BASE_URL is not set: commands cannot print links.", id="kreis.W020")
    if settings.SECURE_SSL_REDIRECT and not settings.TRUSTED_PROXIES:
        yield Warning(
            "KREIS_TRUSTED_PROXIES is 0, but Kreis itself speaks no HTTPS: every page would lead to itself.",
            id="kreis.W021",
        )
    is_encrypted = settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL
    if settings.EMAIL_HOST and not (is_encrypted or settings.MAIL_OWN_NETWORK or is_local(settings.EMAIL_HOST)):
        yield Error(
            "KREIS_MAIL_HOST is another machine: set KREIS_MAIL_TLS or KREIS_MAIL_STARTTLS, else codes for accounts go "
            "there readable. For a relay in a network of your own alone, set KREIS_MAIL_OWN_NETWORK.",
            id="kreis.E028",
        )
    if settings.EMAIL_HOST and settings.DEFAULT_FROM_EMAIL.endswith("@localhost"):
        yield Warning("KREIS_MAIL_FROM is not set: mail from localhost will arrive nowhere.", id="kreis.W022")
    if settings.SECURE_HSTS_PRELOAD and not settings.SECURE_HSTS_INCLUDE_SUBDOMAINS:
        yield Warning("KREIS_HSTS_PRELOAD does nothing without KREIS_HSTS_SUBDOMAINS.", id="kreis.W023")


@register(TAG, deploy=True)
def check_texts(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """What the law and the people here can expect to find. It stands in the database: asked for with --deploy only."""
    try:
        row = Installation.objects.filter(pk=Installation.ROW).first() or Installation()
    except DatabaseError as error:
        words = f"The database did not say whether imprint, privacy text and terms are written: {type(error).__name__}."
        return [Warning(words, id="kreis.W030")]
    return list(_texts(row))


def _texts(row: Installation) -> Iterator[CheckMessage]:
    """Each where it is missing in one of the languages."""
    where = "An operator writes it under /operations/settings/."
    if not row.contact.strip():
        yield Error("Nobody has said how this place can be reached (contact).", hint=where, id="kreis.E030")
    names = {"de": "German", "en": "English"}
    wanted = {"imprint": "kreis.E031", "privacy": "kreis.E032", "terms": "kreis.E033"}
    if row.private_since is not None:
        del wanted["imprint"]
    for kind, number in wanted.items():
        for code, _name in settings.LANGUAGES:
            if not str(getattr(row, f"{kind}_{code}")).strip():
                called = {"imprint": "imprint", "privacy": "privacy text", "terms": "text of the terms"}[kind]
                yield Error(f"There is no {called} in {names[code]}.", hint=where, id=number)


def _base() -> SplitResult:
    """The parts of KREIS_BASE_URL; of what is no address, none."""
    try:
        base = urlsplit(settings.BASE_URL)
        _ = base.port  # read only now, and refused where it is no number
    except ValueError:
        return urlsplit("")
    return base


def is_local(host: str) -> bool:
    """Whether a name of ALLOWED_HOSTS, or of an address, can only mean this machine."""
    bare = host.strip("[]").rstrip(".").lower()
    try:
        return ipaddress.ip_address(bare).is_loopback
    except ValueError:
        return bare in LOCAL_NAMES or bare.endswith(".localhost")
