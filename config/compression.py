"""Pages on their way: a room of fifty messages is seven times as long as it need be."""

import gzip
import secrets
from io import BytesIO

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin

#: Units: bytes. Less fits into the first packets of a connection anyway.
SHORTEST = 4096
#: Takes half a millisecond for a page; the best level takes eight times as long for a sixth less.
LEVEL = 1
#: Units: bytes. By how much the length of an answer is blurred at most.
MOST_PADDING = 100


class Compressed(MiddlewareMixin):
    """Long pages, for browsers that take gzip. Proxies leave alone what is compressed.

    Nothing that the address of a page can put into it: how long a compressed answer is tells who watches the line
    whether what they had put there stands in it a second time (BREACH). For the same reason each answer has a random
    length besides.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if not _is_long_page(response):
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        if request.method == "GET" and not request.META.get("QUERY_STRING") and _takes_gzip(request):
            response.content = _packed(response.content)
            response["Content-Encoding"] = "gzip"
            response["Content-Length"] = str(len(response.content))
        return response


def _is_long_page(response: HttpResponse) -> bool:
    is_page = response.get("Content-Type", "").startswith("text/html") and not response.streaming
    return is_page and len(response.content) >= SHORTEST and not response.has_header("Content-Encoding")


def _takes_gzip(request: HttpRequest) -> bool:
    offers = (offer.strip().replace(" ", "") for offer in request.headers.get("Accept-Encoding", "").split(","))
    return any(offer.split(";")[0] == "gzip" and not offer.endswith(";q=0") for offer in offers)


def _packed(content: bytes) -> bytes:
    """The name of a file that gzip lets one give is of a random length, and nobody reads it."""
    out = BytesIO()
    with gzip.GzipFile("x" * secrets.randbelow(MOST_PADDING), "wb", LEVEL, out, mtime=0) as file:
        file.write(content)
    return out.getvalue()
