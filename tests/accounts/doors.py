"""Ways through the doors of the site, for tests."""

import hashlib
import json
import re
import time
import uuid

from allauth.account.internal.userkit import user_id_to_str
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.hazmat.primitives.asymmetric import ec
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

from accounts.factors import secrets
from accounts.models import User
from accounts.traps import stamp
from communities import actions
from communities.models import Community
from tests import factories

PASSWORD = "vier ruhige Worte hier"  # of people that exist in tests only


def invite(client: Client) -> Client:
    """What accepting an invitation leaves behind in the session."""
    session = client.session
    session["may_sign_up"] = True
    place = Community.objects.filter(slug="inviting").first() or factories.community("inviting")
    _made, token = actions.invite(community=place)
    session["pending_join"] = str(actions.start_joining(token=token).pk)
    session.save()
    client.cookies["sessionid"] = session.session_key or ""
    return client


def typed(seconds: float = 10, **fields: str) -> dict[str, str]:
    """A form for opening an account, as somebody sends it who has had the page open for so long."""
    return {"moment": stamp(seconds), **fields}


def comparable(page: str, email: str) -> str:
    """A page without what is drawn at random for each visitor, and without the address that it is about."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)
    return re.sub(r'"challenge": "[\w-]+"', "", page).replace(email, "…")


def newest_mail() -> EmailMultiAlternatives:
    message = mail.outbox[-1]
    assert isinstance(message, EmailMultiAlternatives)
    return message


def mailed_code() -> str:
    found = re.search(r"^ {2}(\d{6})$", str(newest_mail().body), re.MULTILINE)
    assert found, newest_mail().body
    return found.group(1)


def wrong_code() -> str:
    return "".join(str((int(digit) + 1) % 10) for digit in mailed_code())


def signed_in_just_now(client: Client, user: User) -> Client:
    """Signed in so lately that nobody asks again before something dangerous, with a second factor or without."""
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": way, "at": time.time()} for way in ("code", "mfa")]
    session["account_authentication_methods_user"] = user_id_to_str(user)
    session.save()
    return client


def with_app(user: User) -> str:
    """Gives somebody an authenticator app; its secret."""
    secret = secrets.new_secret()
    data = {"secret": secrets.seal_secret(user, secret), "step": 0}
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data=data)
    return secret


def digits(secret: str, steps: int = 0) -> str:
    """What the app shows now, or so many half minutes from now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // secrets.PERIOD + steps)))


def with_codes(user: User) -> list[str]:
    """Gives somebody recovery codes."""
    codes = secrets.new_codes()
    data = {"fingerprints": [secrets.fingerprint_of(user, code) for code in codes], "kept_at": None}
    Authenticator.objects.create(user=user, type=Authenticator.Type.RECOVERY_CODES, data=data)
    return codes


def with_passkey(user: User, name: str = "Phone") -> Authenticator:
    """Gives somebody a passkey for the tests' own address. Its secret half is thrown away."""
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    key = ES256.from_cryptography_key(public)  # type: ignore[no-untyped-call]
    made = AttestedCredentialData.create(Aaguid.NONE, uuid.uuid4().bytes, key)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    data = AuthenticatorData.create(hashlib.sha256(b"testserver").digest(), flags, 0, made)
    attestation = AttestationObject.create("none", data, {})
    said = {"type": "webauthn.create", "challenge": "AAAA", "origin": "http://testserver"}
    credential = {
        "id": websafe_encode(made.credential_id),
        "rawId": websafe_encode(made.credential_id),
        "type": "public-key",
        "response": {
            "clientDataJSON": websafe_encode(json.dumps(said).encode()),
            "attestationObject": websafe_encode(attestation),
            "transports": ["internal"],
        },
        "authenticatorAttachment": "platform",
        "clientExtensionResults": {"credProps": {"rk": True}},
    }
    row: Authenticator = Authenticator.objects.create(
        user=user, type=Authenticator.Type.WEBAUTHN, data={"name": name, "credential": credential}
    )
    return row
