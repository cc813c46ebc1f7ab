"""The devices on which somebody is signed in: their sessions, as the person would call them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from ua_parser import parse_os, parse_user_agent

from accounts.models import Session, User
from accounts.sessions import session_mark

#: In the session: which browser it was begun in, and when.
DEVICE = "device"
#: Units: characters. Browsers say less; the parser's patterns are not for whole books.
LONGEST_USER_AGENT = 400
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

    def __str__(self) -> str:
        if self.browser and self.system:
            return _("%(browser)s on %(system)s") % {"browser": self.browser, "system": self.system}
        return self.browser or self.system or _("Unknown browser")

    @property
    def mark(self) -> str:
        return session_mark(self.session_key)

    @property
    def icon(self) -> str:
        return "smartphone" if self.system in HANDHELD else "laptop" if self.system else "monitor"


def remember_device(request: HttpRequest) -> None:
    """Keep what the list of devices calls this browser: two words of what it says of itself, not all of it."""
    said = request.headers.get("User-Agent", "")[:LONGEST_USER_AGENT]
    browser, system = parse_user_agent(said), parse_os(said)
    request.session[DEVICE] = {
        "browser": _plain(browser.family) if browser else "",
        "system": SYSTEMS.get(system.family, system.family) if system else "",
        "since": timezone.now().isoformat(timespec="seconds"),
    }


def _plain(family: str) -> str:
    """ "Chrome Mobile iOS" is Chrome to who uses it."""
    words = [word for word in family.split() if word not in ("Mobile", "iOS", "WebView", "Headless")]
    return " ".join(words).removeprefix("Headless")


def devices_of(user: User, session_key: str | None) -> list[Device]:
    """Where this person is signed in: first here, then what was used last."""
    rows = Session.objects.filter(account=user, expire_date__gt=timezone.now()).order_by("-used_on", "-expire_date")
    devices = [_device(row, data, session_key) for row in rows if _is_valid(data := row.get_decoded(), user)]
    return sorted(devices, key=lambda device: not device.is_this)


def _is_valid(data: dict[str, Any], user: User) -> bool:
    """A session from before the last change of password has ended, though its row is still there."""
    return constant_time_compare(data.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())


def _device(row: Session, data: dict[str, Any], session_key: str | None) -> Device:
    kept = data.get(DEVICE, {})
    return Device(
        session_key=row.session_key,
        browser=kept.get("browser", ""),
        system=kept.get("system", ""),
        since=datetime.fromisoformat(kept["since"]) if "since" in kept else None,
        used_on=row.used_on,
        is_this=row.session_key == session_key,
    )
