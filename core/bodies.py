"""How long a request's body may be: said at the view that takes it, held where the bytes come (`realtime.bodies`)."""

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import unquote

from django.http import Http404, HttpRequest
from django.urls import resolve

MIB = 1024 * 1024
#: Of anything but files; a form of the site's longest texts has some 100 KiB.
MOST_BODY_BYTES = MIB + MIB // 2

#: In the request's scope, where no client can write: its body was longer, and is not there.
TOO_LONG = "kreis.too_long"

View = TypeVar("View", bound=Callable[..., object])


def takes_up_to(most: int) -> Callable[[View], View]:
    """For views that take files. Units: bytes of the whole body, with what stands around the file."""

    def say(view: View) -> View:
        view.most_body_bytes = most  # type: ignore[attr-defined]
        return view

    return say


def most_body_bytes(target: str) -> int:
    """Of the view at an address, as it stands in the request's first line."""
    try:
        view = resolve(unquote(target.partition("?")[0])).func
    except (Http404, UnicodeError, ValueError):
        return MOST_BODY_BYTES
    return int(getattr(view, "most_body_bytes", MOST_BODY_BYTES))


def is_too_long(request: HttpRequest) -> bool:
    return bool(getattr(request, "scope", {}).get(TOO_LONG))
