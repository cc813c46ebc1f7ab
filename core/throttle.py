"""How often may one do what costs others something: guess, send mail, fill tables. The one table, and its use.

Who is counted, and why a stranger cannot lock anybody out: docs/decisions/0014-limits.md. What is beyond a limit is
answered with 429 (`config.pages.too_many`), or beside the field. Limits that must not wait for Redis, such as those on
messages, are counted in the process's own memory instead: `core.limits`.
"""

import math
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpRequest

from core import counting
from core.addresses import address_of, network_of
from core.counting import Count
from core.familiar import device_of
from core.keys import keyed_hash

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rate:
    times: int
    window: timedelta


Rates = tuple[Rate, ...]


def _up_to(*pairs: tuple[int, timedelta]) -> Rates:
    return tuple(Rate(times, window) for times, window in pairs)


@dataclass(frozen=True, slots=True)
class Limit:
    """Of one action: how often within which time, counted by each of these. All have to have room.

    An account is an address of a mailbox, whether it has an account here or not, or the id of who is signed in.
    """

    #: All that comes for one account, but from browsers in which it was signed in before.
    account: Rates = ()
    #: Of that, what comes from one network: it spends its own share, and not what all have.
    account_in_network: Rates = ()
    #: Instead of all the others: what one browser may in which this very account was signed in before.
    familiar: Rates = ()
    #: One IPv4 address, or an IPv6 /64.
    address: Rates = ()
    #: An IPv4 /24, or an IPv6 /48.
    network: Rates = ()
    #: One code that was mailed, from wherever it is tried.
    code: Rates = ()
    #: Other limits that each use counts on as well.
    also: tuple[str, ...] = ()


_SENDING: Mapping[str, Any] = {
    "account_in_network": _up_to((3, _MINUTE), (10, _HOUR)),
    "familiar": _up_to((3, _MINUTE), (10, _HOUR)),
    "address": _up_to((20, _MINUTE), (100, _HOUR)),
    "network": _up_to((60, _MINUTE), (300, _HOUR)),
    "also": ("mail",),
}
_GUESSING: Mapping[str, Any] = {
    "account": _up_to((60, _DAY)),
    "account_in_network": _up_to((5, 5 * _MINUTE), (20, _DAY)),
    "familiar": _up_to((5, 5 * _MINUTE), (60, _DAY)),
    "address": _up_to((10, _MINUTE), (60, _HOUR)),
    "network": _up_to((30, _MINUTE), (200, _HOUR)),
}
#: As many as allauth lets one session have; it counts them in that session, where the last one to write is right.
TRIES_OF_CODE = 5
LIMITS: dict[str, Limit] = {
    # Signing in. What turns out to be right is not counted.
    "sign_in": Limit(address=_up_to((30, _MINUTE)), network=_up_to((120, _MINUTE))),
    "wrong_password": Limit(**_GUESSING),
    "wrong_second_factor": Limit(**_GUESSING),
    "wrong_code": Limit(familiar=_up_to((30, _HOUR)), address=_up_to((30, _HOUR)), network=_up_to((150, _HOUR))),
    # Its own, so that who spends it spends nobody else's; sent again (`ResendableCodePage`) it is still the same code.
    "tries_of_code": Limit(code=_up_to((TRIES_OF_CODE, _HOUR))),
    "passkey": Limit(address=_up_to((30, _MINUTE)), network=_up_to((120, _MINUTE))),
    "reauthenticate": Limit(account=_up_to((10, _MINUTE), (60, _DAY))),
    # What sends a mail to an address that somebody types in.
    "mail": Limit(account=_up_to((30, _DAY)), account_in_network=_up_to((15, _DAY)), familiar=_up_to((15, _DAY))),
    "code": Limit(**_SENDING),
    "reset": Limit(**_SENDING),
    "confirm_address": Limit(**{**_SENDING, "account_in_network": _up_to((1, _MINUTE / 6), (10, _HOUR))}),
    # Each keeps a request waiting for somebody else's server. In the first run there is no account yet.
    "test_mail": Limit(
        account=_up_to((20, _HOUR)), address=_up_to((20, 10 * _MINUTE)), network=_up_to((60, 10 * _MINUTE))
    ),
    # Accounts.
    "sign_up": Limit(address=_up_to((20, _MINUTE), (100, _HOUR)), network=_up_to((60, _MINUTE), (300, _HOUR))),
    "new_password": Limit(address=_up_to((20, _MINUTE)), network=_up_to((60, _MINUTE))),
    "change_password": Limit(account=_up_to((5, _MINUTE), (30, _HOUR))),
    "change_address": Limit(account=_up_to((10, _MINUTE), (30, _DAY))),
    # Each writes to the owner's mailbox: nobody shall use up what the mail server lets this place send.
    "change_factor": Limit(account=_up_to((20, 10 * _MINUTE), (60, _DAY))),
    "new_device_letter": Limit(account=_up_to((10, _HOUR), (20, _DAY))),
    # Invitations. Opening one that is open is not counted.
    "wrong_invitation": Limit(address=_up_to((30, 10 * _MINUTE)), network=_up_to((120, 10 * _MINUTE))),
    "enter_invitation": Limit(address=_up_to((30, 10 * _MINUTE)), network=_up_to((120, 10 * _MINUTE))),
    # A club's evening shares one address, and some begin again.
    "accept_invitation": Limit(address=_up_to((200, _HOUR)), network=_up_to((600, _HOUR))),
    "join": Limit(account=_up_to((20, 10 * _MINUTE))),
    # The first run.
    "setup_token": Limit(address=_up_to((20, 10 * _MINUTE)), network=_up_to((60, 10 * _MINUTE))),
}


class Throttled(Exception):
    """There was too much of it. Carries the wait in seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__("Too many.")
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a limit. It is true where there was room for it."""

    counts: tuple[Count, ...]
    token: str
    #: Units: seconds until there is room; 0 where there was.
    wait: float = 0.0

    def __bool__(self) -> bool:
        return not self.wait

    def give_back(self) -> None:
        """What turned out to be no guess is not counted."""
        if self and self.counts:
            counting.give_back(self.counts, token=self.token)


def consume(request: HttpRequest, action: str, *, account: object = "", code: str = "") -> Use:
    """Count one use of `action`. Where it is beyond a limit nothing is counted, and the request knows the wait.

    `account` is counted alike whether there is such an account or not. `code` names a mailed code; it is not the code.
    """
    counts = tuple(dict.fromkeys(_counts(request, action, spelled(account), code)))
    token = secrets.token_hex(8)
    use = Use(counts, token, counting.take(counts, token=token) if counts else 0.0)
    if not use:
        request.throttled_for = max(use.wait, waiting(request))  # type: ignore[attr-defined]
    return use


def enforce(request: HttpRequest, action: str, *, account: object = "") -> Use:
    """The same. Raises: Throttled, which becomes the page that says when to come again."""
    use = consume(request, action, account=account)
    if not use:
        raise Throttled(use.wait)
    return use


def has_room(request: HttpRequest, action: str, *, account: object = "") -> bool:
    """Whether one more use would be within the limits. Counts nothing; where not, the request knows the wait."""
    use = consume(request, action, account=account)
    use.give_back()
    return bool(use)


def forget(request: HttpRequest, action: str, *, account: object) -> None:
    """As if nothing had been tried for this account: somebody has proved here that it is theirs.

    Addresses and networks keep what is theirs, or one account of one's own would open all the others to guessing.
    """
    of_account = ("account", "account_in_network", "familiar")
    everything = _counts(request, action, spelled(account))
    counting.forget([count for count in everything if count.key.split(":")[1] in of_account])


def waiting(request: HttpRequest) -> float:
    """How long the request has to wait. Units: seconds; 0 where it was within all limits."""
    return float(getattr(request, "throttled_for", 0.0))


def retry_after(wait: float) -> int:
    """Units: whole seconds, after which there is room for sure."""
    return max(1, math.ceil(wait))


def spelled(account: object) -> str:
    """Two ways to write one mailbox are one account."""
    return str(account).strip().casefold()


def _counts(request: HttpRequest, action: str, account: str, code: str = "") -> Iterator[Count]:
    for name in (action, *LIMITS[action].also):
        limit = LIMITS[name]
        device = device_of(request, account) if account and limit.familiar else ""
        if device:
            who = {"familiar": _hashed(account, device)}
        else:
            network = network_of(request)
            who = {"address": _hashed(address_of(request)), "network": _hashed(network)}
            if account:
                who |= {"account": _hashed(account), "account_in_network": _hashed(account, network)}
        if code:
            who["code"] = _hashed(code)
        for scope, key in who.items():
            for rate in getattr(limit, scope):
                yield _count(name, scope, key, rate)


def _hashed(*parts: str) -> str:
    """Redis need not learn who is who."""
    return keyed_hash("throttle", *parts)[:32]


def _count(action: str, scope: str, key: str, rate: Rate) -> Count:
    return Count(f"{action}:{scope}:{key}", rate.times, rate.window.total_seconds())
