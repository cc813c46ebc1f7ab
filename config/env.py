"""Typed readers of the environment: a wrong value stops the start with a sentence that names it."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str | None = None) -> str:
    """Raises: ImproperlyConfigured where the value is missing and has no default."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set.")
    return value


def flag(name: str, default: bool = False) -> bool:
    """Raises: ImproperlyConfigured for anything but 1/0, true/false, yes/no, on/off."""
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")


def number(name: str, default: int) -> int:
    """Raises: ImproperlyConfigured where the value is no whole number."""
    value = os.environ.get(name, "").strip()
    try:
        return int(value) if value else default
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None


def choice(name: str, allowed: tuple[str, ...], default: str) -> str:
    """Raises: ImproperlyConfigured for a word that is not allowed."""
    value = os.environ.get(name, "").strip().lower() or default
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(allowed)}, not {value!r}.")
    return value


def words(name: str, default: str = "") -> list[str]:
    """Shape: a list separated by commas; blanks around the items do not count."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def folder(name: str, default: Path) -> Path:
    """A folder's absolute path; it need not exist yet."""
    return Path(os.environ.get(name) or default).expanduser().absolute()


def database(name: str) -> dict[str, Any]:
    """Shape: Django's description of a PostgreSQL database from `postgres://user:password@host:port/name?option=…`.

    `?host=/folder` names the folder of a unix socket; other options go to the driver as they are.
    Raises: ImproperlyConfigured for another scheme or a missing database name.
    """
    url = urlsplit(text(name))
    if url.scheme not in {"postgres", "postgresql"} or not url.path.strip("/"):
        raise ImproperlyConfigured(f"{name} must look like postgres://user:password@host/name.")
    options: dict[str, Any] = dict(parse_qsl(url.query))
    return {
        "ENGINE": "core.postgres",
        "NAME": unquote(url.path.strip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": options.pop("host", url.hostname or ""),
        "PORT": str(url.port or options.pop("port", "")),
        "OPTIONS": options,
    }
