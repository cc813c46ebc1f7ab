"""The page of slips: made at once, or one for an invitation that was just made."""

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from communities.http import CommunityRequest, in_community
from communities.models import Role
from communities.permissions import check_invite_members
from communities.slips import Slip, SlipsForm, slip_of
from core.csrf import without_referrer


@never_cache
@without_referrer
@in_community
@require_http_methods(["GET", "HEAD", "POST"])
def slips(request: CommunityRequest, slug: str) -> HttpResponse:
    """Slips to cut out. They are shown in answer to a form, never again at an address: no table holds their links."""
    check_invite_members(request.membership, request.community.roles.get(code=Role.Code.MEMBER))
    if token := request.POST.get("token", ""):
        found = slip_of(request.membership, request, token)
        return _sheet(request, [found], names_group=False) if found else redirect("invitation_slips", slug)
    form = SlipsForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = form.make(request.membership, request)
            return _sheet(request, made, names_group=form.cleaned_data["names_group"])
        except ValidationError as error:
            form.add_error(None, error)
    context = {"form": form, "active": "invitations"}
    return render(request, "communities/slips_form.html", context, status=422 if form.errors else 200)


def _sheet(request: CommunityRequest, made: list[Slip], *, names_group: bool) -> HttpResponse:
    context = {
        "slips": made,
        "host": request.get_host(),
        "group": request.community.name if names_group else "",
        "back": "invitations",
        "community": request.community,
    }
    return render(request, "communities/slips.html", context)
