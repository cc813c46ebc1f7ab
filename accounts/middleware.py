"""Which language a page speaks; in which browser, and from where, somebody is signed in."""

from contextlib import suppress
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation.trans_real import parse_accept_lang_header

from accounts.networks import note_network
from core import familiar
from core.installation import known


class LanguageMiddleware(MiddlewareMixin):
    """The person's choice; before signing in the cookie, then what the browser asks for, then the place's language."""

    def process_request(self, request: HttpRequest) -> None:
        language = chosen_language(request) or asked_language(request) or known().language or settings.LANGUAGE_CODE
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


def asked_language(request: HttpRequest) -> str:
    """What this browser's cookie says, or its settings ask for, of what is spoken here; else an empty string."""
    kept = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if kept in dict(settings.LANGUAGES):
        return kept
    for code, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        with suppress(LookupError):
            return translation.get_supported_language_variant(code)
    return ""


def chosen_language(request: HttpRequest) -> str:
    """What the signed-in person has chosen, or an empty string."""
    if not request.user.is_authenticated or request.user.language not in dict(settings.LANGUAGES):
        return ""
    return request.user.language
