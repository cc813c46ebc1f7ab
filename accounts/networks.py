"""From where somebody signs in: so much of an address as names a network, and no home."""

from contextlib import suppress

from django.db import OperationalError
from django.http import HttpRequest

from accounts.models import Session
from accounts.sessions import SessionStore
from core import addresses


def network_of(request: HttpRequest) -> str:
    """ "203.0.113.x" or "2001:db8:7::/48"; "" where no address is known. Nothing longer is stored or mailed."""
    if addresses.client_ip(request) == addresses.UNKNOWN:
        return ""
    network = addresses.network_of(request)
    return f"{network.removesuffix('.0/24')}.x" if network.endswith("/24") else network


def note_network(request: HttpRequest) -> None:
    """Of a signed-in session, when it is another one than before."""
    network, session = network_of(request), request.session
    if not isinstance(session, SessionStore) or network in ("", session.network):
        return
    session.network = network
    with suppress(OperationalError):  # a disk without room takes no note, and pages can be read all the same
        Session.objects.filter(pk=session.session_key).update(network=network)
