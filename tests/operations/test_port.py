"""The port of `make run`: the wished one, else the next free."""

import socket
from collections.abc import Iterator

import pytest

from operations.embedded.failure import StartError
from operations.port import free_port, wanted_port


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_taken_port_gives_the_next_free(taken: int) -> None:
    assert taken < free_port(taken) < taken + 50


def test_free_port_is_kept(taken: int) -> None:
    free = free_port(taken)
    assert free_port(free) == free


def test_zero_is_any_port() -> None:
    assert free_port(0) > 1023


def test_port_taken_for_ipv6_alone_counts_as_taken() -> None:
    try:
        server = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with server:
        port = server.getsockname()[1]
        assert free_port(port) != port


@pytest.mark.parametrize("words", ["", "eight", "-1", "65536", "80 00"])
def test_what_is_no_port_is_told(words: str) -> None:
    with pytest.raises(StartError, match="PORT must be a number"):
        wanted_port(words)
