"""From an invitation to a seat in the community: what may be seen and done before one is inside."""

import uuid
from typing import cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.adapter import MAY_SIGN_UP, PENDING_JOIN
from accounts.models import User
from communities.actions import (
    InvalidInvitation,
    TooManyBegun,
    find_begun_joining,
    find_open_invitation,
    join,
    start_joining,
    stop_joining,
)
from communities.actions.invitations import KEPT_FOR_SURE
from communities.forms import (
    AgreementForm,
    EnterInvitationForm,
    JoinForm,
)
from communities.models import Community, Membership, PendingJoin
from core import throttle
from core.csrf import without_referrer
from core.installation import installation
from core.models import Installation


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
