"""Which address of the site a page stands at, those of the demo included."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, include, path

_SITE = [*get_resolver().url_patterns, path("demo/", include("operations.demo.urls"))]
_resolver = URLResolver(get_resolver().pattern, _SITE)


def name_of(url: str) -> str:
    """The name of the address a page stands at, or nothing where there is none."""
    try:
        return str(_resolver.resolve(urlsplit(url).path).url_name)
    except Resolver404:
        return ""


def every_name() -> set[str]:
    """The names of all addresses of the site."""
    return set(_names(_SITE))


def _names(patterns: "list[URLPattern | URLResolver]") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _names(pattern.url_patterns)
        else:
            yield str(pattern.name)
