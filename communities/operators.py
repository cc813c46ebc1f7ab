"""Where members meet what the operators of the place ask and did."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from communities.actions import answer_operators, put_aside
from communities.http import CommunityRequest, in_community
from communities.models import Intervention, Invitation


@in_community
@require_POST
def consent(request: CommunityRequest, slug: str, invitation: uuid.UUID) -> HttpResponse:
    """An owner answers the operators. A second click, or another owner's before it: the first answer counts."""
    seen = Invitation.objects.visible_to(request.membership).filter(needs_consent=True)
    asked, agrees = get_object_or_404(seen, pk=invitation), request.POST.get("agrees") == "yes"
    if answer_operators(actor=request.membership, invitation=asked, agrees=agrees):
        messages.success(request, _("The invitation works now.") if agrees else _("The invitation will never work."))
    else:
        messages.info(request, _("This has been answered already, or the invitation has ended."))
    return redirect("invitations", slug)


@in_community
@require_POST
def put_intervention_aside(request: CommunityRequest, slug: str, intervention: uuid.UUID) -> HttpResponse:
    """Read. It stays on the page of the rules."""
    seen = Intervention.objects.visible_to(request.membership)
    put_aside(member=request.membership, intervention=get_object_or_404(seen, pk=intervention))
    return redirect("community", slug)
