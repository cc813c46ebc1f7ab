"""Random tokens and keyed hashes."""

import hashlib
import hmac
import secrets

from django.conf import settings


def new_token() -> str:
    """A token for a link. Units: 192 bits, as 32 URL-safe characters."""
    return secrets.token_urlsafe(24)


def keyed_hash(purpose: str, *parts: str) -> str:
    """HMAC-SHA-256 under the installation's key; equal parts under another purpose give another hash.

    Shape: 64 hexadecimal digits.
    """
    message = "\x1f".join((purpose, *parts)).encode()
    return hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).hexdigest()
