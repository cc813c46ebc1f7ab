"""A client cannot choose the address it is counted under."""

import io
from collections.abc import Sequence
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIRequest
from django.test import RequestFactory
from pytest_django import Settings

from core.addresses import UNKNOWN, address_of, client_ip, network_of


def asgi(headers: Sequence[tuple[str, str]], client: list[Any] | None) -> ASGIRequest:
    """As daphne gives it to pages, and `realtime.door` makes it of a handshake."""
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "client": client}
    scope["headers"] = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    return ASGIRequest(scope, io.BytesIO())


@pytest.mark.parametrize(
    ("proxies", "forwarded", "remote", "expected"),
    [
        (0, "198.51.100.1", "192.0.2.7", "192.0.2.7"),
        (-1, "198.51.100.1", "192.0.2.7", "192.0.2.7"),
        (1, "198.51.100.1", "10.0.0.1", "198.51.100.1"),
        (1, "6.6.6.6, 198.51.100.1", "10.0.0.1", "198.51.100.1"),
        (1, "6.6.6.6,,, ,198.51.100.1", "10.0.0.1", "198.51.100.1"),
        (1, "  198.51.100.1\t", "10.0.0.1", "198.51.100.1"),
        (2, "6.6.6.6, 198.51.100.1, 10.0.0.2", "10.0.0.1", "198.51.100.1"),
        (2, "198.51.100.1, unix:", "10.0.0.1", "198.51.100.1"),
        (2, "198.51.100.1", "10.0.0.1", "198.51.100.1"),
        (1, "", "10.0.0.1", "10.0.0.1"),
        (1, " , ,", "10.0.0.1", "10.0.0.1"),
        (1, "198.51.100.1:4711", "10.0.0.1", "198.51.100.1"),
        (1, "198.51.100.1:x", "10.0.0.1", UNKNOWN),
        (1, "[2001:db8::1]:4711", "10.0.0.1", "2001:db8::1"),
        (1, "[2001:db8::1]", "10.0.0.1", "2001:db8::1"),
        (1, "[2001:db8::1", "10.0.0.1", UNKNOWN),
        (1, "[2001:db8::1]4711", "10.0.0.1", UNKNOWN),
        (1, "2001:DB8:0:0::0001", "10.0.0.1", "2001:db8::1"),
        (1, "fe80::1%eth0", "10.0.0.1", "fe80::1"),
        (1, "::ffff:198.51.100.1", "10.0.0.1", "198.51.100.1"),
        (1, "[::ffff:c633:6401]:1", "10.0.0.1", "198.51.100.1"),
        (0, "", "::ffff:192.0.2.7", "192.0.2.7"),
        (1, "<script>", "10.0.0.1", UNKNOWN),
        (1, "198.51.100.1 6.6.6.6", "10.0.0.1", UNKNOWN),
        (1, '"198.51.100.1"', "10.0.0.1", UNKNOWN),
        (1, "198.51.100.01", "10.0.0.1", UNKNOWN),
        (1, "3325256705", "10.0.0.1", UNKNOWN),
        (1, "١٩٨.51.100.1", "10.0.0.1", UNKNOWN),
        (1, "1" * 5000, "10.0.0.1", UNKNOWN),
        (1, "unknown", "10.0.0.1", UNKNOWN),
        (0, "", "", UNKNOWN),
        (0, "", "unix:", UNKNOWN),
    ],
)
def test_only_the_entries_of_our_own_proxies_are_believed(
    settings: Settings, proxies: int, forwarded: str, remote: str, expected: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    request = RequestFactory().get("/", REMOTE_ADDR=remote, headers=headers)
    assert client_ip(request) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "198.51.100.1")], "198.51.100.1"),
        ([("x-forwarded-for", "198.51.100.1"), ("x_forwarded_for", "6.6.6.6")], "198.51.100.1"),
        ([("forwarded", "for=6.6.6.6"), ("x-real-ip", "6.6.6.6")], "10.0.0.1"),
        ([("client-ip", "6.6.6.6"), ("x-client-ip", "6.6.6.6"), ("cf-connecting-ip", "6.6.6.6")], "10.0.0.1"),
        ([("remote-addr", "6.6.6.6"), ("x-forwarded", "6.6.6.6"), ("forwarded-for", "6.6.6.6")], "10.0.0.1"),
        ([("x-forwarded-for", "")], "10.0.0.1"),
        ([("x-forwarded-for", "\xe9\xff")], UNKNOWN),
    ],
)
def test_of_all_headers_one_is_read_and_its_lines_are_one_list(
    settings: Settings, headers: list[tuple[str, str]], expected: str
) -> None:
    settings.TRUSTED_PROXIES = 1
    assert client_ip(asgi(headers, ["10.0.0.1", 4711])) == expected


def test_over_a_unix_socket_the_proxy_alone_knows(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    assert client_ip(asgi([], None)) == UNKNOWN
    assert client_ip(asgi([("x-forwarded-for", "198.51.100.1")], None)) == "198.51.100.1"
    assert address_of(asgi([], None)) == UNKNOWN
    assert network_of(asgi([], None)) == "0.0.0.0/24"


@pytest.mark.parametrize(
    ("remote", "address", "network"),
    [
        ("192.0.2.7", "192.0.2.7", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.7", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("::1", "::/64", "::/48"),
    ],
)
def test_what_one_party_has_is_counted_as_one(remote: str, address: str, network: str) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR=remote)
    assert (address_of(request), network_of(request)) == (address, network)
