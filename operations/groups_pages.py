"""Asking a community to let somebody in, by its number."""

from datetime import timedelta
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.reauthentication import asked_again
from communities.actions import ask_to_invite, has_owner, is_peopled
from communities.models import Community, Invitation
from operations.access import operator_page
from operations.actions import check_operator, note
from operations.forms import EntryForm
from operations.models import LogEntry

#: The cookie that carries the link through the redirect to the page that shows it, and for how long it may wait.
LINK, SHOWN_WITHIN = "asked_invitation", timedelta(minutes=2)
HIGHEST = 2**31 - 1


@never_cache
@operator_page
@asked_again
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, number: int) -> HttpResponse:
    """An invitation into a community that is there already: the owners answer before it admits anybody."""
    # A number too long for the column is no community's, and no error.
    place = Community.objects.filter(number=number).first() if number <= HIGHEST else None
    if place is None:
        raise Http404
    is_asked = is_peopled(place)
    form = EntryForm(request.POST if request.method == "POST" else None, asks=is_asked)
    may_ask = has_owner(place) or not is_asked
    if may_ask and form.is_valid():
        try:
            return _with_link(request, place, _ask(cast(User, request.user), place, form.cleaned_data))
        except ValidationError as error:
            form.add_error(None, error)
    context = {"number": number, "form": form, "is_asked": is_asked, "may_ask": may_ask, "link": _link(request)}
    status = 422 if form.errors or (request.method == "POST" and not may_ask) else 200
    page = render(request, "operations/invitation.html", context | {"tab": "groups"}, status=status)
    page.delete_cookie(LINK, path=request.path, samesite="Strict")
    return page


@transaction.atomic
def _ask(actor: User, place: Community, fields: dict[str, Any]) -> tuple[Invitation, str]:
    check_operator(actor)
    made = ask_to_invite(community=place, **fields)
    note(actor=actor, act=LogEntry.Act.ENTRY, details={"group": place.number, "role": fields["role"]})
    return made


def _with_link(request: HttpRequest, place: Community, made: tuple[Invitation, str]) -> HttpResponse:
    """Through a redirect: loading the page again does not ask again. In a cookie: no table holds the token."""
    page = redirect("operations_invitation", place.number)
    page.set_signed_cookie(
        LINK,
        made[1],
        salt=str(request.user.pk),
        max_age=SHOWN_WITHIN,
        path=request.path,
        secure=request.is_secure(),
        httponly=True,
        samesite="Strict",
    )
    return page


def _link(request: HttpRequest) -> str:
    token = request.get_signed_cookie(LINK, default="", salt=str(request.user.pk), max_age=SHOWN_WITHIN)
    return request.build_absolute_uri(reverse("invitation", args=[token])) if token else ""
