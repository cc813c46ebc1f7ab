"""What holds for everybody in the community."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from communities.actions import (
    allow_presence,
    limit_size,
)
from communities.forms import (
    CommunityForm,
)
from communities.http import CommunityRequest, in_community
from communities.permissions import check_right
from communities.rights import Right


@never_cache
@in_community
@require_http_methods(["GET", "HEAD", "POST"])
def community_settings(request: CommunityRequest, slug: str) -> HttpResponse:
    """What holds for everybody in the community."""
    check_right(request.membership, Right.MANAGE_SETTINGS)
    form = CommunityForm.of(request.community, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            _settle(request, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("community_settings", slug)
    context = {"form": form, "active": "settings"}
    return render(request, "communities/settings.html", context, status=422 if form.errors else 200)


@transaction.atomic
def _settle(request: CommunityRequest, *, size_limit: int, allows_presence: bool, allows_typing: bool) -> None:
    """All of it, or none."""
    actor, community = request.membership, request.community
    limit_size(actor=actor, community=community, size_limit=size_limit)
    allow_presence(actor=actor, community=community, allows_presence=allows_presence, allows_typing=allows_typing)
