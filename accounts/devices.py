"""The devices on which somebody is signed in: their sessions, as the person would call them."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from django.contrib.auth import HASH_SESSION_KEY
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from ua_parser import parse_os, parse_user_agent

from accounts.models import Session, User
from accounts.networks import network_of
from accounts.sessions import SessionStore, session_mark

#: In the session: which browser it was begun in, when, how.
DEVICE = "device"
#: Units: characters. Browsers say less; the parser's patterns are not for whole books.
LONGEST_USER_AGENT = 400
LONGEST_NAME = 40
SYSTEMS = {"Mac OS X": "macOS", "Chrome OS": "ChromeOS"}
HANDHELD = ("iOS", "Android")


@dataclass(frozen=True, slots=True)
class Device:
    """A browser that is signed in. `mark` names it without being its key; `since` is not known of old ones."""

    session_key: str
    browser: str
    system: str
    since: datetime | None
    used_on: date
    is_this: bool
    #: The shortened address of the last use, or "".
    network: str = ""
    #: How it was signed in, by the first proof and the second: "passkey", "code", "password"; "" is not known.
    way: str = ""
    has_second: bool = False
    #: Stays the same when the session gets another key: by it a mail names this sign-in.
    number: str = ""

    def __str__(self) -> str:
        return called(self.browser, self.system)

    @property
    def mark(self) -> str:
        return session_mark(self.session_key)

    @property
    def icon(self) -> str:
        return "smartphone" if self.system in HANDHELD else "laptop" if self.system else "monitor"

    @property
    def signed_in_by(self) -> str:
        """In words, or ""."""
        if self.way == "passkey":
            return _("by passkey")
        if self.way == "code":
            return _("by mailed code and second factor") if self.has_second else _("by mailed code")
        if self.way == "password":
            return _("by password and second factor") if self.has_second else _("by password")
        return ""


def called(browser: str, system: str) -> str:
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Unknown browser")


def remember_device(request: HttpRequest, user: User) -> None:
    """Keep what the list of devices calls this browser: two words of what it says of itself, not all of it."""
    browser, system = browser_of(request)
    way, has_second = _proofs(request, user)
    request.session[DEVICE] = {
        "browser": browser,
        "system": system,
        "since": timezone.now().isoformat(timespec="seconds"),
        "way": way,
        "second": has_second,
        "number": secrets.token_hex(16),
    }
    if isinstance(request.session, SessionStore):
        request.session.network = network_of(request)


def browser_of(request: HttpRequest) -> tuple[str, str]:
    """Browser and system, as the one who asks calls them; "" where it says nothing that is known."""
    said = request.headers.get("User-Agent", "")[:LONGEST_USER_AGENT]
    browser, system = parse_user_agent(said), parse_os(said)
    family = SYSTEMS.get(system.family, system.family) if system else ""
    return _plain(browser.family) if browser else "", _name(family)


def _plain(family: str) -> str:
    """ "Chrome Mobile iOS" is Chrome to who uses it."""
    words = [word for word in family.split() if word not in ("Mobile", "iOS", "WebView", "Headless")]
    return _name(" ".join(words).removeprefix("Headless"))


def _name(words: str) -> str:
    """It stands in mails: nothing in it may look like a link, or like a sentence of ours."""
    return "".join(sign for sign in words if sign.isalnum() or sign in " -")[:LONGEST_NAME].strip()


def _proofs(request: HttpRequest, user: User) -> tuple[str, bool]:
    """What allauth noted on the way in. Shape: the first proof, and whether there was a second one."""
    records = [record for record in get_authentication_records(request, user) if not record.get("reauthenticated")]
    if any(record["method"] == "mfa" and record.get("passwordless") for record in records):
        return "passkey", False
    first = [record["method"] for record in records if record["method"] != "mfa"]
    way = {"code": "code", "password": "password", "password_reset": "code"}.get(first[-1], "") if first else ""
    return way, any(record["method"] == "mfa" for record in records)


def devices_of(user: User, session_key: str | None) -> list[Device]:
    """Where this person is signed in: first here, then what was used last."""
    rows = Session.objects.filter(account=user, expire_date__gt=timezone.now()).order_by("-used_on", "-expire_date")
    devices = [
        _device(row.session_key, data, row.network, row.used_on, session_key)
        for row in rows
        if _is_valid(data := row.get_decoded(), user)
    ]
    return sorted(devices, key=lambda device: not device.is_this)


def _is_valid(data: dict[str, Any], user: User) -> bool:
    """A session from before the last change of password has ended, though its row is still there."""
    return constant_time_compare(data.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())


def this_device(request: HttpRequest) -> Device:
    """The one that has just signed in."""
    session = request.session
    key = session.session_key or ""
    return _device(key, dict(session.items()), network_of(request), timezone.localdate(), key)


def _device(key: str, data: dict[str, Any], network: str, used_on: date, here: str | None) -> Device:
    kept = data.get(DEVICE, {})
    return Device(
        session_key=key,
        browser=kept.get("browser", ""),
        system=kept.get("system", ""),
        since=datetime.fromisoformat(kept["since"]) if "since" in kept else None,
        used_on=used_on,
        is_this=key == here,
        network=network,
        way=kept.get("way", ""),
        has_second=kept.get("second", False),
        number=kept.get("number", ""),
    )


def place_of(request: HttpRequest) -> str:
    """Where something is done, for letters: "Firefox on Linux (203.0.113.x)"."""
    return with_network(called(*browser_of(request)), network_of(request))


def with_network(device: str, network: str) -> str:
    return f"{device} ({network})" if network else device
