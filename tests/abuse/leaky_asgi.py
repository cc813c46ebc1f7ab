"""The site, with a page and a frame that fail over what was said. For a process of its own: it adds to the site."""

from collections.abc import Mapping
from typing import Any

from config.asgi import application  # first: the apps must be ready before their models are read

# isort: split
from django.http import HttpRequest, HttpResponse
from django.urls import path

from config import urls
from core import streams
from tests.abuse.leaks import WAYS


def fail(request: HttpRequest, way: str) -> HttpResponse:
    WAYS[way](request.POST.get("said") or request.GET["said"])
    return HttpResponse("It did not fail here.")


@streams.handler("fail")
def fail_by_frame(user_id: Any, frame: Mapping[str, Any]) -> Mapping[str, Any]:
    WAYS[frame["way"]](frame["said"])
    return {"type": "failed-not"}


urls.urlpatterns.append(path("i/fail/<str:way>/", fail, name="fail"))

__all__ = ["application"]
