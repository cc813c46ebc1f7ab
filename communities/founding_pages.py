"""Founding a community, for those whom whoever runs the place lets: itself, its first rules, then its invitations."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from communities.actions import choose_first_rules, found_by
from communities.actions.founders import founded_with
from communities.founding import FirstRulesForm, FoundForm
from communities.http import CommunityRequest, in_community
from communities.models import Community
from communities.permissions import check_found_another, check_found_community, check_right
from communities.rights import Right


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_community(request: HttpRequest) -> HttpResponse:
    """A community and its founder's name there. A second click leads to what the first one founded."""
    founder = cast(User, request.user)
    check_found_community(founder)
    form = FoundForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        check_found_another(founder)
    is_valid = form.is_valid()
    made = founded_with(founder, form.cleaned_data.get("form_id")) if form.is_bound else None
    if made is not None:  # a second click, to whose form the address is taken: by the first
        return redirect("first_rules", made.slug)
    if is_valid:
        try:
            return redirect("first_rules", found_by(founder, **form.cleaned_data).slug)
        except ValidationError as error:
            form.add_error(None, error)
    return render(request, "communities/new.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@in_community
@require_http_methods(["GET", "HEAD", "POST"])
def first_rules(request: CommunityRequest, slug: str) -> HttpResponse:
    """The rules with which a new community begins. Gone once somebody has come: they agreed to what they read."""
    check_right(request.membership, Right.MANAGE_RULES)
    if not _is_alone(request.community):
        raise Http404
    agreed = list(request.community.rules.values_list("title", "text"))
    form = FirstRulesForm(
        request.POST if request.method == "POST" else None, language=request.community.language, agreed=agreed
    )
    if form.is_valid():
        choose_first_rules(actor=request.membership, rules=form.rules)
        messages.success(request, _("The group is ready. Now invite the first people."))
        return redirect("invitations", slug)
    context = {"form": form, "active": "rules"}
    return render(request, "communities/first_rules.html", context, status=422 if form.errors else 200)


def _is_alone(place: Community) -> bool:
    """Whether nobody but the founder has ever been in it."""
    return place.memberships.count() == 1
