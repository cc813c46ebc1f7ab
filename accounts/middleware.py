"""Which language a page speaks; in which browser, and from where, somebody is signed in."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin

from accounts.networks import note_network
from core import familiar


class LanguageMiddleware(MiddlewareMixin):
    """The person's choice; before signing in the cookie, then what the browser asks for."""

    def process_request(self, request: HttpRequest) -> None:
        language = chosen_language(request) or translation.get_language_from_request(request)
        translation.activate(language)
        request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE

    def process_response(self, request: HttpRequest, response: Any) -> HttpResponseBase:
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        page: HttpResponseBase = response
        return page


class DeviceMiddleware(MiddlewareMixin):
    """Notes from which network a signed-in device comes. Where somebody signs in, the browser keeps a cookie by which
    it is known again: no stranger can close that way in (`core.familiar`), and the next sign-in there is no news.
    """

    def process_request(self, request: HttpRequest) -> None:
        if request.user.is_authenticated:
            note_network(request)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        familiar.keep(request, response)
        return response


def chosen_language(request: HttpRequest) -> str:
    """What the signed-in person has chosen, or an empty string."""
    if not request.user.is_authenticated or request.user.language not in dict(settings.LANGUAGES):
        return ""
    return request.user.language
