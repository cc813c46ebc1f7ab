"""Secrets that must be read again, encrypted under a key that is not in the database (KREIS_SEAL_KEY); and fingerprints
of those that must only be recognised.

AES-256-GCM; each purpose has a key of its own (HKDF-SHA-256). Keys are a list, newest first: what an older one sealed
is still read, new things are sealed with the newest.
"""

import hashlib
import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_NONCE = 12


class SealBroken(Exception):
    """The key is missing, or the words were changed or belong elsewhere."""


def seal(purpose: str, secret: bytes, context: str = "") -> str:
    """Shape: "<key id>.<base64>". `context` says whose it is: it has to be the same when it is read."""
    key = settings.SEAL_KEYS[0]
    nonce = os.urandom(_NONCE)
    sealed = nonce + AESGCM(_derived(key, purpose)).encrypt(nonce, secret, context.encode())
    return f"{key_id(key)}.{urlsafe_b64encode(sealed).decode()}"


def unseal(purpose: str, sealed: str, context: str = "") -> bytes:
    """Raises: SealBroken."""
    wanted, _dot, words = sealed.partition(".")
    for key in settings.SEAL_KEYS:
        if key_id(key) == wanted:
            try:
                raw = urlsafe_b64decode(words)
                return AESGCM(_derived(key, purpose)).decrypt(raw[:_NONCE], raw[_NONCE:], context.encode())
            except (InvalidTag, ValueError) as error:
                raise SealBroken(purpose) from error
    raise SealBroken(f"{purpose}: no key {wanted[:16]!r}")


def is_of_newest_key(kept: str) -> bool:
    """Whether what was sealed, or a fingerprint, needs no older key."""
    return kept.startswith(f"{key_id(settings.SEAL_KEYS[0])}.")


def fingerprint(purpose: str, secret: str, context: str = "") -> str:
    """What a secret is recognised by; without the key it is not found out. Shape: "<key id>.<64 hex digits>"."""
    return _fingerprint(settings.SEAL_KEYS[0], purpose, secret, context)


def is_of(purpose: str, secret: str, kept: str, context: str = "") -> bool:
    """Whether a fingerprint that was kept, under this key or an older one, is that of this secret."""
    return any(
        hmac.compare_digest(_fingerprint(key, purpose, secret, context), kept)
        for key in settings.SEAL_KEYS
        if kept.startswith(f"{key_id(key)}.")
    )


def _fingerprint(key: str, purpose: str, secret: str, context: str) -> str:
    words = f"{context}\0{secret}".encode()
    return f"{key_id(key)}.{hmac.digest(_derived(key, purpose), words, 'sha256').hex()}"


def key_id(key: str) -> str:
    """Names a key without giving it away. Shape: 8 hexadecimal digits."""
    return hashlib.sha256(b"kreis seal key " + key.encode()).hexdigest()[:8]


@lru_cache(maxsize=64)
def _derived(key: str, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"kreis " + purpose.encode()).derive(key.encode())
