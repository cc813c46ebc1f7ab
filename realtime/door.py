"""Who may knock: pages of this site, and not too often. Asked before anybody is let in or a database is asked."""

import io
from dataclasses import dataclass
from typing import Any

from asgiref.typing import WebSocketScope
from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest

from core import limits
from core.csrf import is_own_origin

#: Of one session; a page that is refused comes again after a while.
MOST_OPENED, OPENED_SECONDS = 60, 10
#: Of one network, with made-up or expired cookies. Who is signed in does not count.
MOST_STRANGERS, STRANGERS_SECONDS = 300, 10


def asking(scope: WebSocketScope) -> HttpRequest | None:
    """The handshake as a request; None where it does not come from a page of this site.

    The same question as for forms: another port of the same host is another site, and its cookies are ours.
    """
    values: dict[str, Any] = {**scope, "method": "GET"}
    request = ASGIRequest(values, io.BytesIO())
    try:
        request.get_host()
    except DisallowedHost:
        return None
    return request if is_own_origin(request) else None


@dataclass(frozen=True, slots=True)
class Knocks:
    """How often one session and one network have come. Counted only afterwards: what is made up has no place here."""

    network: str
    session_key: str

    @property
    def are_too_many(self) -> bool:
        return limits.is_spent(f"opened:{self.session_key}", times=MOST_OPENED, seconds=OPENED_SECONDS) or (
            limits.is_spent(f"strangers:{self.network}", times=MOST_STRANGERS, seconds=STRANGERS_SECONDS)
        )

    def count(self, *, is_known: bool) -> None:
        if is_known:
            limits.is_within(f"opened:{self.session_key}", times=MOST_OPENED, seconds=OPENED_SECONDS)
        else:
            limits.is_within(f"strangers:{self.network}", times=MOST_STRANGERS, seconds=STRANGERS_SECONDS)
