"""Limits in tests: spent at once, as if so many had come before."""

from django.http import HttpRequest
from django.test import RequestFactory

from core import throttle


def request_from(address: str = "127.0.0.1", **cookies: str) -> HttpRequest:
    request = RequestFactory().post("/", REMOTE_ADDR=address)
    request.COOKIES.update(cookies)
    return request


def spend(action: str, times: int, *, account: str = "", address: str = "127.0.0.1") -> None:
    """So many uses from one address, all within the limit."""
    for _time in range(times):
        assert throttle.consume(request_from(address), action, account=account), action
