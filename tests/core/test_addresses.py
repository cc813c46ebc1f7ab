"""A client cannot choose the address it is counted under."""

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from core.addresses import UNKNOWN, client_ip


@pytest.mark.parametrize(
    ("proxies", "forwarded", "remote", "expected"),
    [
        (0, "198.51.100.1", "192.0.2.7", "192.0.2.7"),
        (1, "198.51.100.1", "10.0.0.1", "198.51.100.1"),
        (1, "6.6.6.6, 198.51.100.1", "10.0.0.1", "198.51.100.1"),
        (2, "6.6.6.6, 198.51.100.1, 10.0.0.2", "10.0.0.1", "198.51.100.1"),
        (2, "198.51.100.1", "10.0.0.1", "198.51.100.1"),
        (1, "", "10.0.0.1", "10.0.0.1"),
        (1, "198.51.100.1:4711", "10.0.0.1", "198.51.100.1"),
        (1, "[2001:db8::1]:4711", "10.0.0.1", "2001:db8::1"),
        (0, "", "::ffff:192.0.2.7", "192.0.2.7"),
        (1, "<script>", "10.0.0.1", UNKNOWN),
        (0, "", "", UNKNOWN),
    ],
)
def test_only_the_entries_of_our_own_proxies_are_believed(
    settings: Settings, proxies: int, forwarded: str, remote: str, expected: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    request = RequestFactory().get("/", REMOTE_ADDR=remote, headers=headers)
    assert client_ip(request) == expected
