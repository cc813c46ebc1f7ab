"""From which network address a request comes, as far as it can be believed."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

#: Stands for requests without a readable address, such as those over a unix socket: together they share one limit.
UNKNOWN = "0.0.0.0"  # noqa: S104  # nosec B104  # a name in a counter, nothing listens on it


def client_ip(request: HttpRequest) -> str:
    """The client's address. Each proxy of one's own appends one entry to X-Forwarded-For; what stands further left
    was written by the client and is not believed.
    """
    proxies = settings.TRUSTED_PROXIES
    claimed = [entry.strip() for entry in request.headers.get("X-Forwarded-For", "").split(",") if entry.strip()]
    if proxies and claimed:
        return _readable(claimed[-min(proxies, len(claimed))])
    return _readable(request.META.get("REMOTE_ADDR", ""))


def _readable(text: str) -> str:
    """The address alone: without port and brackets, IPv4 in its own form."""
    host = text[1 : text.find("]")] if text.startswith("[") else text
    if host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return UNKNOWN
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(address)
