"""Inviting, and what became of invitations."""

import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from communities.actions import (
    invite,
    revoke_invitation,
)
from communities.forms import (
    InviteForm,
)
from communities.http import CommunityRequest, in_community
from communities.models import Invitation, Role
from communities.permissions import check_invite_members

#: How long the link of a new invitation may wait for the page that shows it.
SHOWN_WITHIN = timedelta(minutes=2)


@never_cache
@in_community
@require_http_methods(["GET", "HEAD", "POST"])
def invitations(request: CommunityRequest, slug: str) -> HttpResponse:
    """Invite someone; what is open and what has ended."""
    check_invite_members(request.membership, request.community.roles.get(code=Role.Code.MEMBER))
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made, token = invite(community=request.community, inviter=request.membership, **form.cleaned_data)
            return _with_link(request, made, token)
        except ValidationError as error:
            form.add_error(None, error)
    context = {"form": form, "active": "invitations", **_lists(request), "new": _new_link(request)}
    page = render(request, "communities/invitations.html", context, status=422 if form.errors else 200)
    page.delete_cookie(settings.NEW_LINK_COOKIE_NAME, path=request.path, samesite="Strict")
    return page


def _with_link(request: CommunityRequest, made: Invitation, token: str) -> HttpResponse:
    """Through a redirect: loading the page again does not invite again. In a cookie: no table holds the token."""
    page = redirect("invitations", request.community.slug)
    page.set_signed_cookie(
        settings.NEW_LINK_COOKIE_NAME,
        f"{made.pk} {token}",
        salt=str(request.membership.pk),
        max_age=SHOWN_WITHIN,
        path=request.path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return page


def _lists(request: CommunityRequest) -> dict[str, Any]:
    seen = Invitation.objects.visible_to(request.membership).order_by("-created_at")
    seen = seen.select_related("inviter", "role", "decided_by").annotate(room_count=Count("rooms"))
    everything = list(seen.lately()[:200])
    return {
        "waiting": [i for i in everything if i.is_waiting],
        "open": [i for i in everything if i.is_open],
        "ended": [i for i in everything if not i.is_open and not i.is_waiting],
        "may_answer": request.membership.role.code == Role.Code.OWNER,
    }


def _new_link(request: CommunityRequest) -> dict[str, Any] | None:
    """The link just made, shown once."""
    kept = request.get_signed_cookie(
        settings.NEW_LINK_COOKIE_NAME, default="", salt=str(request.membership.pk), max_age=SHOWN_WITHIN
    )
    made_id, _blank, token = (kept or "").partition(" ")
    made = Invitation.objects.visible_to(request.membership).filter(pk=made_id).first() if token else None
    if made is None or not made.is_open:
        return None
    return {"invitation": made, "token": token, "url": request.build_absolute_uri(reverse("invitation", args=[token]))}


@in_community
@require_POST
def revocation(request: CommunityRequest, slug: str, invitation: uuid.UUID) -> HttpResponse:
    """End an invitation."""
    seen = Invitation.objects.visible_to(request.membership)
    if revoke_invitation(actor=request.membership, invitation=get_object_or_404(seen, pk=invitation)):
        messages.success(request, _("The invitation has been withdrawn."))
    return redirect("invitations", slug)
