"""The way in, one's own membership, and invitations."""

import uuid
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from communities.actions import (
    InvalidInvitation,
    find_open_invitation,
    invite,
    join,
    rename_member,
    revoke_invitation,
    start_joining,
)
from communities.forms import AgreementForm, EnterInvitationForm, InviteForm, SelfForm
from communities.http import CommunityRequest, in_community, without_referrer
from communities.models import Invitation, Membership, PendingJoin, Role, Room
from communities.permissions import check_invite_members

PENDING, MAY_SIGN_UP, NEW_LINK = "pending_join", "may_sign_up", "new_invitation"


# ---- The way in ----


@never_cache
@without_referrer
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What an invitation says before one accepts. Opening it spends nothing and leaves nothing: mail scanners do."""
    try:
        found = find_open_invitation(token=token)
        form = AgreementForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            return _accept(request, token)
    except InvalidInvitation:
        return invalid(request)
    standing = _standing(request, found)
    if standing is not None:
        return redirect(found.community) if standing else invalid(request)
    context = {
        "invitation": found,
        "community": found.community,
        "inviter": found.named_inviter,
        "form": form,
        "hue": found.community.hue,
    }
    return render(request, "communities/invitation.html", context, status=422 if form.errors else 200)


def _standing(request: HttpRequest, found: Invitation) -> bool | None:
    """Of a signed-in person: True inside already, False kept out, None free to join."""
    if not request.user.is_authenticated:
        return None
    mine = Membership.objects.filter(community=found.community_id, user=request.user)
    if mine.current().exists():
        return True
    return False if mine.kept_out().exists() else None


def _accept(request: HttpRequest, token: str) -> HttpResponse:
    request.session[PENDING] = str(start_joining(token=token).pk)
    request.session[MAY_SIGN_UP] = True
    return redirect("join" if request.user.is_authenticated else "account_signup")


def invalid(request: HttpRequest) -> HttpResponse:
    """The one page for expired, revoked, used, wrong and refused: it tells nobody which."""
    return render(request, "communities/invalid_invitation.html", status=404)


@never_cache
@require_http_methods(["GET", "POST"])
def enter_invitation(request: HttpRequest) -> HttpResponse:
    """A place for a link that could not be clicked."""
    form = EnterInvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return redirect("invitation", form.cleaned_data["link"])
    return render(request, "communities/enter_invitation.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def declined(request: HttpRequest) -> HttpResponse:
    """Rather not: what had been begun is forgotten."""
    if request.method == "POST":
        _pending(request).delete()
        request.session.pop(PENDING, None)
        request.session.pop(MAY_SIGN_UP, None)
        return redirect("declined")
    return render(request, "communities/declined.html")


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def join_community(request: HttpRequest) -> HttpResponse:
    """The last step: one's name in this community."""
    pending = _pending(request).select_related("invitation__community").first()
    if pending is None or not pending.invitation.is_open:
        return invalid(request)
    form = SelfForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            member = join(pending=pending, user=cast(User, request.user), **form.cleaned_data)
            request.session.pop(PENDING, None)
            request.session.pop(MAY_SIGN_UP, None)
            return redirect(member.community)
        except InvalidInvitation:
            return invalid(request)
        except ValidationError as error:
            form.add_error("display_name", error)
    community = pending.invitation.community
    context = {"form": form, "community": community, "hue": community.hue}
    return render(request, "communities/join.html", context, status=422 if form.errors else 200)


def _pending(request: HttpRequest) -> "QuerySet[PendingJoin]":
    """What this browser began, or nothing."""
    try:
        begun = uuid.UUID(str(request.session.get(PENDING)))
    except ValueError:
        return PendingJoin.objects.none()
    return PendingJoin.objects.filter(pk=begun)


# ---- Inside ----


@never_cache
@in_community
@require_GET
def community(request: CommunityRequest, slug: str) -> HttpResponse:
    """Into the first room one may enter."""
    first = Room.objects.visible_to(request.membership).values_list("pk", flat=True).first()
    return redirect("room", slug, first) if first else redirect("rooms", slug)


@never_cache
@in_community
@require_http_methods(["GET", "POST"])
def my_membership(request: CommunityRequest, slug: str) -> HttpResponse:
    """How one appears here: name and introduction."""
    member = request.membership
    form = SelfForm.of(member, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            rename_member(member=member, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("my_membership", slug)
        except ValidationError as error:
            form.add_error("display_name", error)
    return render(
        request, "communities/my_membership.html", {"form": form, "active": "me"}, status=422 if form.errors else 200
    )


@never_cache
@in_community
@require_http_methods(["GET", "POST"])
def invitations(request: CommunityRequest, slug: str) -> HttpResponse:
    """Invite someone; what is open and what has ended."""
    check_invite_members(request.membership, request.community.roles.get(code=Role.Code.MEMBER))
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made, token = invite(community=request.community, inviter=request.membership, **form.cleaned_data)
            # Through a redirect, so that loading the page again does not invite again; taken out when shown.
            request.session[NEW_LINK] = {"id": str(made.pk), "token": token}
            return redirect("invitations", slug)
        except ValidationError as error:
            form.add_error(None, error)
    context = {"form": form, "active": "invitations", **_lists(request), "new": _new_link(request)}
    return render(request, "communities/invitations.html", context, status=422 if form.errors else 200)


def _lists(request: CommunityRequest) -> dict[str, Any]:
    seen = Invitation.objects.visible_to(request.membership).select_related("inviter").order_by("-created_at")
    everything = list(seen.lately()[:200])
    return {"open": [i for i in everything if i.is_open], "ended": [i for i in everything if not i.is_open]}


def _new_link(request: CommunityRequest) -> dict[str, Any] | None:
    """The link just made, shown once."""
    kept = request.session.pop(NEW_LINK, None)
    made = Invitation.objects.visible_to(request.membership).filter(pk=kept["id"]).first() if kept else None
    if kept is None or made is None:
        return None
    return {"invitation": made, "url": request.build_absolute_uri(reverse("invitation", args=[kept["token"]]))}


@in_community
@require_POST
def revocation(request: CommunityRequest, slug: str, invitation: uuid.UUID) -> HttpResponse:
    """End an invitation."""
    seen = Invitation.objects.visible_to(request.membership)
    if revoke_invitation(actor=request.membership, invitation=get_object_or_404(seen, pk=invitation)):
        messages.success(request, _("The invitation has been withdrawn."))
    return redirect("invitations", slug)
