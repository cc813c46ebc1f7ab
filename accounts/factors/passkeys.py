"""Passkeys: what the browser is asked for, and whether its answer is right. The protocol is WebAuthn, by fido2."""

import ipaddress
import json
import secrets
import time
import uuid
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import build_user_payload
from allauth.mfa.webauthn.internal.auth import get_authenticator_by_credential_id as passkey_with
from allauth.mfa.webauthn.internal.auth import get_credentials as credentials_of
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, TimestampSigner
from django.db import DatabaseError
from django.http import HttpRequest
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts.models import User
from core.installation import site_name

Json = dict[str, Any]

#: In the session: what a browser was asked for, so that only the answer to it counts.
MAKING, PROVING = "passkey_making", "passkey_proving"
#: How long a browser may take to answer. Units: seconds.
PATIENCE = 15 * 60
LONGEST = 16 * 1024
TRANSPORTS = ("internal", "hybrid", "usb", "nfc", "ble", "smart-card")
SIGN_IN = TimestampSigner(salt="sign in with a passkey")


def are_possible(request: HttpRequest) -> bool:
    """Passkeys belong to a name: browsers make none for a bare network address."""
    try:
        ipaddress.ip_address(_host(request).strip("[]"))
    except ValueError:
        return True
    return False


def _host(request: HttpRequest) -> str:
    return urlsplit(f"//{request.get_host()}").hostname or ""


def _server(request: HttpRequest) -> Fido2Server:
    """A passkey is bound to the name in KREIS_BASE_URL where the page lies under it, else to the page's own.

    What it signed must have been asked for by this very site: not by another one under the same domain.
    """
    host, base = _host(request), urlsplit(settings.BASE_URL).hostname or ""
    name = base if base and host.endswith(f".{base}") else host
    origin = f"{request.scheme}://{request.get_host()}".lower()
    return Fido2Server(
        PublicKeyCredentialRpEntity(id=name, name=site_name()), verify_origin=lambda given: given.lower() == origin
    )


# ---- A new one ----


def begin_making(request: HttpRequest, user: User) -> Json:
    """What the browser needs to make a passkey. Kept in the browser if it can be, to sign in with it alone."""
    options, state = _server(request).register_begin(
        user=build_user_payload(user),
        credentials=credentials_of(user),
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.PREFERRED,
        extensions={"credProps": True},
    )
    request.session[MAKING] = state | {"at": time.time()}
    return dict(options)


def finish_making(request: HttpRequest, words: str) -> Json:
    """What is kept of a new passkey: only what we know, for the rest of it comes from outside.

    Raises: ValidationError.
    """
    state = _pop(request, MAKING)
    given = _read(words)
    try:
        made = RegistrationResponse.from_dict(given)
        data = _server(request).register_complete(state, made)
    except Exception as error:  # a parser of foreign bytes fails in more ways than it says; nothing of ours is in there
        raise _refused() from error
    if data.credential_data is None:
        raise _refused()
    response = given["response"]
    said = response.get("transports")
    extensions = given.get("clientExtensionResults")
    properties = extensions.get("credProps") if isinstance(extensions, dict) else None
    return {
        "id": websafe_encode(made.raw_id),
        "rawId": websafe_encode(made.raw_id),
        "type": "public-key",
        "response": {
            "clientDataJSON": websafe_encode(made.response.client_data),
            "attestationObject": websafe_encode(made.response.attestation_object),
            "transports": [way for way in TRANSPORTS if isinstance(said, list) and way in said],
        },
        "authenticatorAttachment": "platform" if is_built_in(given) else "cross-platform",
        "clientExtensionResults": {"credProps": {"rk": isinstance(properties, dict) and properties.get("rk") is True}},
    }


def is_built_in(given: Json) -> bool:
    """Whether the device itself answered, not a key that was plugged in nor a phone beside it."""
    return given.get("authenticatorAttachment") == "platform"


# ---- Showing one ----


def begin_proof(request: HttpRequest, user: User) -> Json:
    """For a person that is known already: one of their passkeys."""
    options, state = _server(request).authenticate_begin(
        credentials=credentials_of(user), user_verification=UserVerificationRequirement.PREFERRED
    )
    request.session[PROVING] = state | {"at": time.time()}
    return dict(options)


def finish_proof(request: HttpRequest, user: User, words: str) -> tuple[Authenticator, Json]:
    """Which passkey it was, and the browser's answer. Raises: ValidationError."""
    given = _read(words)
    return _prove(request, user, _pop(request, PROVING), given), given


def begin_sign_in(request: HttpRequest) -> Json:
    """For whoever comes: any passkey of this site. The question is signed and not kept: a page that is only looked at
    must not write a session.
    """
    question = SIGN_IN.sign(secrets.token_urlsafe(18)).encode()
    options, _state = _server(request).authenticate_begin(
        credentials=[], user_verification=UserVerificationRequirement.REQUIRED, challenge=question
    )
    return dict(options)


def finish_sign_in(request: HttpRequest, words: str) -> tuple[Authenticator, Json]:
    """Whose passkey it was: the passkey and the answer. Each question is answered once. Raises: ValidationError."""
    given = _read(words)
    try:
        answer = AuthenticationResponse.from_dict(given).response
        question = answer.client_data.challenge
        SIGN_IN.unsign(question.decode(), max_age=PATIENCE)
        user = User.objects.filter(pk=uuid.UUID(bytes=answer.user_handle), is_active=True).first()
    except BadSignature as error:
        raise get_adapter().validation_error("passkey_late") from error
    except DatabaseError:
        raise
    except Exception as error:  # as above: foreign bytes
        raise _refused() from error
    if user is None:
        raise _refused()
    state = {"challenge": websafe_encode(question), "user_verification": UserVerificationRequirement.REQUIRED}
    passkey = _prove(request, user, state, given)
    if not cache.add(f"passkey:{websafe_encode(question)[-40:]}", 1, timeout=PATIENCE):
        raise _refused()
    return passkey, given


def _prove(request: HttpRequest, user: User, state: Json, given: Json) -> Authenticator:
    known = credentials_of(user)
    try:
        shown = _server(request).authenticate_complete(state, known, given)
    except Exception as error:  # as above
        raise _refused() from error
    passkey = passkey_with(user, shown.credential_id)
    if passkey is None:
        raise _refused()
    return passkey


# ---- Foreign bytes ----


def _read(words: str) -> Json:
    try:
        given = json.loads(words)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict) or not isinstance(given.get("response"), dict):
        raise _refused()
    return given


def _pop(request: HttpRequest, name: str) -> Json:
    """What was asked for, once. Raises: ValidationError where nothing was, or too long ago."""
    state = request.session.pop(name, None)
    if not state or time.time() - state["at"] > PATIENCE:
        raise get_adapter().validation_error("passkey_late")
    return {"challenge": state["challenge"], "user_verification": state["user_verification"]}


def _refused() -> ValidationError:
    error: ValidationError = get_adapter().validation_error("passkey_refused")
    return error
