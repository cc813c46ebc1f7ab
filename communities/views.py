"""The way in, one's own membership, and invitations."""

import uuid
from datetime import timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.adapter import MAY_SIGN_UP, PENDING_JOIN
from accounts.models import User
from communities.actions import (
    InvalidInvitation,
    TooManyBegun,
    allow_presence,
    choose_picture,
    choose_presence,
    find_begun_joining,
    find_open_invitation,
    invite,
    join,
    limit_size,
    rename_member,
    revoke_invitation,
    start_joining,
    stop_joining,
)
from communities.actions.invitations import KEPT_FOR_SURE
from communities.actions.names import check_name_is_free
from communities.forms import (
    AgreementForm,
    CommunityForm,
    EnterInvitationForm,
    InviteForm,
    JoinForm,
    PresenceForm,
    ProfileForm,
    draw,
)
from communities.http import CommunityRequest, in_community
from communities.models import Community, Invitation, Membership, PendingJoin, Role
from communities.permissions import check_invite_members, check_right
from communities.rights import Right
from core import throttle
from core.bodies import MIB, takes_up_to
from core.csrf import without_referrer
from core.installation import installation
from core.limits import is_within
from core.models import Installation
from core.pictures import Webp

#: Of one member; drawing one is dear.
MOST_PICTURES, PICTURES_SECONDS = 12, 600
#: How long the link of a new invitation may wait for the page that shows it.
SHOWN_WITHIN = timedelta(minutes=2)


# ---- The way in ----


@never_cache
@without_referrer
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What an invitation says before one accepts. Opening it spends nothing and leaves nothing: mail scanners do.

    Only what admits nobody is counted, and beyond the limit nothing is looked for, or guessing would go on.
    """
    use = throttle.enforce(request, "wrong_invitation")
    try:
        found = find_open_invitation(token=token, user_id=request.user.pk)
        use.give_back()
        if _is_inside(request, found.community):
            return redirect(found.community)
        form = AgreementForm(
            request.POST if request.method == "POST" else None, has_rules=found.community.rules.exists()
        )
        if form.is_valid():
            return _accept(request, token)
    except InvalidInvitation:
        return invalid(request)
    context = {
        "invitation": found,
        "community": found.community,
        "inviter": found.named_inviter,
        "form": form,
        "room_count": found.rooms.count() if found.role.is_guest else 0,
        "hue": found.community.hue,
    }
    return render(request, "communities/invitation.html", context, status=422 if form.errors else 200)


def _is_inside(request: HttpRequest, place: Community) -> bool:
    mine = Membership.objects.of_account(request.user.pk)
    return request.user.is_authenticated and mine.filter(community=place).exists()


def _accept(request: HttpRequest, token: str) -> HttpResponse:
    throttle.enforce(request, "accept_invitation")
    try:
        pending = start_joining(token=token, user_id=request.user.pk, instead_of=_pending_id(request))
    except TooManyBegun:
        page = render(request, "communities/too_many_begun.html", status=429)
        page["Retry-After"] = str(int(KEPT_FOR_SURE.total_seconds()))
        return page
    request.session[PENDING_JOIN] = str(pending.pk)
    request.session[MAY_SIGN_UP] = True
    if request.user.is_authenticated:
        return redirect("join")
    # Where nobody may open an account, whoever has one signs in, and goes on from there.
    is_closed = installation().sign_up == Installation.SignUp.NOBODY
    return redirect("account_login" if is_closed else "account_signup")


def invalid(request: HttpRequest) -> HttpResponse:
    """The one page for expired, revoked, used, wrong and refused: it tells nobody which."""
    return render(request, "communities/invalid_invitation.html", status=404)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter_invitation(request: HttpRequest) -> HttpResponse:
    """A place for a link that could not be clicked."""
    if request.method == "POST":
        throttle.enforce(request, "enter_invitation")
    form = EnterInvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return redirect("invitation", form.cleaned_data["link"])
    return render(request, "communities/enter_invitation.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def declined(request: HttpRequest) -> HttpResponse:
    """Rather not: what had been begun is forgotten."""
    if request.method == "POST":
        stop_joining(pending_id=_pending_id(request))
        _forget_joining(request)
        return redirect("declined")
    return render(request, "communities/declined.html")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def join_community(request: HttpRequest) -> HttpResponse:
    """The last step: one's name in this community. Only now the invitation is used."""
    if request.method == "POST":
        throttle.enforce(request, "join", account=request.user.pk)
    try:
        pending = find_begun_joining(pending_id=_pending_id(request), user_id=request.user.pk)
        place = pending.invitation.community
        form = JoinForm(request.POST if request.method == "POST" else None, community=place)
        is_inside = _is_inside(request, place) or _has_joined(request, pending, form)
    except InvalidInvitation:
        return _after_joining(request)
    if is_inside:
        return _lead_in(request, place)
    has_account = cast(User, request.user).created_at < pending.agreed_at
    context = {"form": form, "community": place, "hue": place.hue, "has_account": has_account}
    return render(request, "communities/join.html", context, status=422 if form.errors else 200)


def _after_joining(request: HttpRequest) -> HttpResponse:
    """The way in for whoever has joined by what was begun here: the second click on "Join" asks when all is done."""
    pending_id = _pending_id(request)
    mine = Membership.objects.of_account(request.user.pk).select_related("community")
    member = mine.filter(pk=pending_id).first() if pending_id else None
    if member is not None:
        return _lead_in(request, member.community)
    # Otherwise every further sign-in in this browser would lead here again.
    _forget_joining(request)
    return invalid(request)


def _lead_in(request: HttpRequest, place: Community) -> HttpResponse:
    """A form may be sent twice, and the second answer is shown: what was begun is forgotten at the next visit only."""
    if request.method != "POST":
        _forget_joining(request)
    return redirect(place)


def _has_joined(request: HttpRequest, pending: PendingJoin, form: JoinForm) -> bool:
    if not form.is_valid():
        return False
    try:
        join(pending=pending, user=cast(User, request.user), **form.cleaned_data)
    except ValidationError as error:
        is_full = getattr(error, "code", "") == "full"
        form.add_error(None if is_full else "display_name", error)
        return False
    return True


def _pending_id(request: HttpRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(request.session.get(PENDING_JOIN)))
    except ValueError:
        return None


def _forget_joining(request: HttpRequest) -> None:
    for key in (PENDING_JOIN, MAY_SIGN_UP):
        request.session.pop(key, None)


# ---- Inside ----


@takes_up_to(11 * MIB)  # a picture of 10 MB, and what a browser puts around it
@never_cache
@in_community
@require_http_methods(["GET", "HEAD", "POST"])
def my_membership(request: CommunityRequest, slug: str) -> HttpResponse:
    """How one appears here: name, introduction, picture."""
    member = request.membership
    form = ProfileForm.of(member, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            _save_profile(member, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("my_membership", slug)
        except ValidationError as error:
            form.add_error(None if hasattr(error, "error_dict") else "display_name", error)
    is_too_much = any(form.has_error("picture", code) for code in ("many", "busy"))
    context = {"form": form, "presence_form": PresenceForm.as_chosen_by(member), "active": "me"}
    page = render(request, "communities/my_membership.html", context, status=422 if form.errors else 200)
    if is_too_much:
        page.status_code = 429
        page["Retry-After"] = str(PICTURES_SECONDS if form.has_error("picture", "many") else 2)
    return page


def _save_profile(
    member: Membership, *, picture: "UploadedFile[bytes] | None", removes_picture: bool, **texts: str
) -> None:
    """A picture is drawn once all else is known to be right: it is dear and counted, and with the page it is lost.

    Raises: ValidationError, of its field where it is about the picture.
    """
    check_name_is_free(community_id=member.community_id, name=texts["display_name"], user_id=member.user_id)
    webp = _drawn(member, picture) if picture else None
    rename_member(member=member, **texts)
    if webp or (removes_picture and member.picture_id):
        choose_picture(member=member, webp=webp)


def _drawn(member: Membership, picture: "UploadedFile[bytes]") -> Webp:
    if not is_within(f"picture:{member.pk}", times=MOST_PICTURES, seconds=PICTURES_SECONDS):
        reason = _("That was a lot of pictures at once. Wait ten minutes, then go on.")
        raise ValidationError({"picture": ValidationError(reason, code="many")})
    return draw(picture, member=member)


@in_community
@require_POST
def my_presence(request: CommunityRequest, slug: str) -> HttpResponse:
    """Whether others may see that one is here, and that one is writing."""
    form = PresenceForm(request.POST)
    if form.is_valid():
        choose_presence(member=request.membership, **form.cleaned_data)
        messages.success(request, _("Saved."))
    return redirect("my_membership", slug)


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
