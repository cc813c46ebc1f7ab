"""From which network address a request comes, as far as it can be believed, and how much of it one party has."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

#: Stands for requests without a readable address, such as those over a unix socket: together they share one limit.
UNKNOWN = "0.0.0.0"  # noqa: S104  # nosec B104  # a name in a counter, nothing listens on it


def client_ip(request: HttpRequest) -> str:
    """The client's address. Each proxy of one's own appends one entry to X-Forwarded-For; what stands further left
    was written by the client and is not believed. `Forwarded`, `X-Real-IP` and the like are not read at all.

    Fewer entries than proxies: the request came in at an inner proxy, and the first entry is what that one saw.
    """
    proxies = settings.TRUSTED_PROXIES
    claimed = [entry.strip() for entry in request.headers.get("X-Forwarded-For", "").split(",") if entry.strip()]
    if proxies > 0 and claimed:
        return _readable(claimed[-min(proxies, len(claimed))])
    return _readable(request.META.get("REMOTE_ADDR") or "")


def address_of(request: HttpRequest) -> str:
    """An IPv4 address; of IPv6 the first half, of which one household has all the rest."""
    return _shortened(client_ip(request), 32, 64)


def network_of(request: HttpRequest) -> str:
    """What one party easily has many addresses of: an IPv4 /24, an IPv6 /48."""
    return _shortened(client_ip(request), 24, 48)


def _shortened(text: str, of_four: int, of_six: int) -> str:
    address = ipaddress.ip_address(text)
    length = of_four if address.version == 4 else of_six
    if length == address.max_prefixlen:
        return text
    return str(ipaddress.ip_network((address, length), strict=False))


def _readable(text: str) -> str:
    """The address alone: without port and brackets, IPv4 in its own form. What is none is UNKNOWN."""
    host, port = text, ""
    if text.startswith("["):
        host, closed, port = text[1:].partition("]")
        if not closed or (port and not port.startswith(":")):
            return UNKNOWN
        port = port[1:]
    elif text.count(":") == 1:
        host, _colon, port = text.partition(":")
    if port and not (port.isascii() and port.isdecimal()):
        return UNKNOWN
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return UNKNOWN
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(address)
