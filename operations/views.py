"""The pages of whoever runs the place."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.version import VERSION
from operations.access import operator_page
from operations.groups import sizes
from operations.tiles import tiles


@never_cache
@operator_page
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Whether the machine is well."""
    found = tiles()
    waiting = [tile for tile in found if not tile.is_well]
    context = {"tiles": found, "waiting": waiting, "well": len(found) - len(waiting), "version": VERSION}
    return render(request, "operations/health.html", context | {"tab": "health"})


@never_cache
@operator_page
@require_safe
def groups(request: HttpRequest) -> HttpResponse:
    """The communities by number and size."""
    return render(request, "operations/groups.html", {"groups": sizes(), "tab": "groups"})
