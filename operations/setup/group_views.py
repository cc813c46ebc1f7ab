"""The steps of the first community, and the last one."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.models import User
from communities.founding import FirstRulesForm, FoundForm
from communities.models import Membership
from communities.slips import Slip, SlipsForm
from core.models import Installation
from operations.setup import actions, steps
from operations.setup.doors import for_the_operator
from operations.setup.keysheet import key_sheet

FIRST_PEOPLE = 3


@for_the_operator
def group(request: HttpRequest, row: Installation, operator: User) -> HttpResponse:
    """The community itself: founded, or changed for as long as nobody has come."""
    founder = actions.founder_in(row, operator)
    data = request.POST if request.method == "POST" else None
    form = FoundForm.of_founder(founder, data) if founder else FoundForm(data)
    if form.is_valid():
        try:
            actions.found_first(operator=operator, **form.cleaned_data)
            return redirect("setup_step", "rules")
        except (ValidationError, PermissionDenied) as error:
            form.add_error(None, error if isinstance(error, ValidationError) else str(error))
    return steps.page(request, row, "group", {"form": form})


@for_the_operator
def rules(request: HttpRequest, row: Installation, operator: User) -> HttpResponse:
    """What the people agree on: templates to change, or words of their own."""
    founder = actions.founder_in(row, operator)
    if founder is None:
        return redirect("setup_step", "group")
    agreed = [(rule.title, rule.text) for rule in founder.community.rules.all()]
    data = request.POST if request.method == "POST" else None
    form = FirstRulesForm(data, language=founder.community.language, agreed=agreed)
    if form.is_valid():
        try:
            actions.agree_on(operator=operator, rules=form.rules)
            return redirect("setup_step", "invitations")
        except PermissionDenied as error:
            form.add_error(None, str(error))
    return steps.page(request, row, "rules", {"form": form, "community": founder.community})


@for_the_operator
def invitations(request: HttpRequest, row: Installation, operator: User) -> HttpResponse:
    """The first few people. Links are shown in answer to the form, once."""
    founder = actions.founder_in(row, operator)
    if founder is None or not founder.community.rules.exists():
        return redirect("setup_step", "rules")
    form = SlipsForm(request.POST if request.method == "POST" else None, most=FIRST_PEOPLE, fewest=0)
    made: list[Slip] = []
    if form.is_valid():
        try:
            made = form.make(founder, request)
        except ValidationError as error:
            form.add_error(None, error)
    return steps.page(request, row, "invitations", {"form": form, "slips": made, **_around(request, founder, form)})


def _around(request: HttpRequest, founder: Membership, form: SlipsForm) -> dict[str, Any]:
    place = founder.community
    is_named = form.is_bound and form.is_valid() and form.cleaned_data["names_group"]
    open_ones = list(place.invitations.open().order_by("-created_at"))
    group = place.name if is_named else ""
    return {"community": place, "open": open_ones, "host": request.get_host(), "group": group}


@for_the_operator
def keys(request: HttpRequest, row: Installation, operator: User) -> HttpResponse:
    """The keys to print; and then it is done."""
    founder = actions.founder_in(row, operator)
    if founder is None or not founder.community.rules.exists():
        return redirect("setup_step", "rules")
    is_sent = request.method == "POST"
    if is_sent and request.POST.get("kept"):
        actions.finish(operator=operator)
        return redirect(founder.community)
    error = _("Print the keys or write them down, then tick the box.") if is_sent else ""
    context = {"keys": key_sheet(), "error": error, "community": founder.community}
    return steps.page(request, row, "keys", context, is_wrong=is_sent)
