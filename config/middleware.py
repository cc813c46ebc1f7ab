"""What holds for every answer: nobody keeps a copy; and the house's own error pages, in development too."""

from collections.abc import Callable
from functools import cache

from csp.utils import build_policy
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin
from structlog.contextvars import bound_contextvars

from config import pages
from core import requests, walls
from core.bodies import is_too_long
from core.throttle import Throttled, retry_after, waiting
from operations import health_pages

#: Of the limits that each process counts for itself (`core.limits`): after that there is room for sure.
WINDOW_SECONDS = 20


class Numbered:
    """Each request has a number, in every line of the log about it, and in its answer. See `core.requests`.

    Nobody is believed who says one, but for one's own proxy, where a setting names the header in which it does.
    """

    sync_capable, async_capable = True, False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        said = request.headers.get(settings.REQUEST_ID_HEADER, "") if settings.REQUEST_ID_HEADER else ""
        number = requests.believed(said)
        with bound_contextvars(request=number):
            response = self.get_response(request)
        response[requests.HEADER] = number
        return response


class Walled(MiddlewareMixin):
    """What browsers are told with every answer, files and redirects too; what an answer says itself, counts."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        for name, value in walls.STANDING.items():
            response.headers.setdefault(name, value)
        # A drawing opened by its own address is a page, too, and a worker has the policy of its file.
        response.headers.setdefault("Content-Security-Policy", _policy())
        return response


@cache
def _policy() -> str:
    return str(build_policy())


class KeptNowhere(MiddlewareMixin):
    """No browser and no proxy keeps an answer that does not say how long it may be kept.

    Whoever sits down at a shared computer afterwards must not find pages with an address or a conversation in them.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response.headers.setdefault("Cache-Control", "no-store, private")
        return response


class Health(MiddlewareMixin):
    """A container asks itself by plain HTTP, and by whatever name: before anybody looks at host, scheme or session."""

    views = {"/healthz": health_pages.healthz, "/readyz": health_pages.readyz}

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        view = self.views.get(request.path_info)
        return view(request) if view else None


class Leaving(MiddlewareMixin):
    """The blank page for whoever leaves quickly without scripts waits for no session, no person, no database."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        return pages.leave(request) if request.path_info == reverse("leave") else None


class TooLong(MiddlewareMixin):
    """A body that was too long is not there (`realtime.bodies`). Nothing else is asked: no session, no person."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        return pages.too_long(request) if is_too_long(request) else None


class HousePages(MiddlewareMixin):
    """With DEBUG on Django would answer 404 and 403 with pages of its own that show the site's addresses."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Http404):
            return pages.not_found(request, exception)
        if isinstance(exception, Throttled):
            return pages.too_many(request)
        if isinstance(exception, PermissionDenied):
            return pages.forbidden(request, exception)
        return None

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if response.status_code == 429:
            wait = waiting(request) or WINDOW_SECONDS
            response.headers.setdefault("Retry-After", str(retry_after(wait)))
        if settings.DEBUG and response.status_code == 404 and request.resolver_match is None:
            return pages.not_found(request)
        return response
