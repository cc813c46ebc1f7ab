"""From a session and a slug to the membership that acts."""

import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from communities.actions.visiting import visit
from communities.models import Community, Membership, Room
from communities.permissions import keep_rights
from core.prepared import Prepared

P = ParamSpec("P")


class CommunityRequest(HttpRequest):
    """A request inside a community: who acts, and where."""

    membership: Membership
    community: Community
    other_communities: list[Community]
    #: Set by a view that has read the viewer's rooms; the frame need not ask again.
    rooms: list[Room]


def _of_account(account: uuid.UUID, at: datetime) -> "QuerySet[Membership]":
    return Membership.objects.of_account(account, at).with_rights().select_related("community", "role", "visit")


_memberships = Prepared(_of_account, account=uuid.UUID, at=datetime)

View = Callable[Concatenate[CommunityRequest, P], HttpResponse]


def in_community(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Only for current members of the community in the address.

    Everybody else gets the same 404 by the same one query: outsiders, the suspended, the banned, and for slugs that do
    not exist. Signed-out visitors are asked to sign in, whatever the slug.
    """

    @wraps(view)
    def inside(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            # A script that followed the redirect would take the sign-in page for its answer.
            return HttpResponse(status=401) if is_from_script(request) else redirect_to_login(request.get_full_path())
        # All of them in the one query: the frame names one's other communities, to oneself only.
        mine = {member.community.slug: member for member in _memberships(account=request.user.pk, at=timezone.now())}
        membership = mine.pop(str(kwargs["slug"]), None)
        if membership is None:
            raise Http404
        keep_rights(membership, membership.right_codes)  # type: ignore[attr-defined]
        request.membership = membership  # type: ignore[attr-defined]
        request.community = membership.community  # type: ignore[attr-defined]
        request.other_communities = [member.community for member in mine.values()]  # type: ignore[attr-defined]
        if not is_from_script(request):
            with suppress(OperationalError):  # a disk without room takes no note, and pages can be read all the same
                visit(member=membership)
        try:
            return view(request, *args, **kwargs)  # type: ignore[arg-type]
        except PermissionDenied as error:
            if not is_from_script(request):
                raise
            return JsonResponse({"reason": str(error)}, status=403)

    return inside  # type: ignore[return-value]  # functools.wraps hides that it is callable alike


def is_from_script(request: HttpRequest) -> bool:
    """Whether a script asks, which wants no page."""
    return request.headers.get("Accept", "").startswith("application/json")
