"""Which language a page speaks, and in which browser somebody was signed in before."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin

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


def chosen_language(request: HttpRequest) -> str:
    """What the signed-in person has chosen, or an empty string."""
    if not request.user.is_authenticated or request.user.language not in dict(settings.LANGUAGES):
        return ""
    return request.user.language


class FamiliarMiddleware(MiddlewareMixin):
    """A browser in which somebody signs in keeps a way in that no stranger can close (`core.familiar`)."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        familiar.keep(request, response)
        return response
