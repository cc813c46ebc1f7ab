"""Today."""

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from communities.http import CommunityRequest, in_community, is_from_script
from communities.models import Invitation, Membership
from communities.permissions import grants
from communities.presence import people_here
from communities.rights import Right
from messaging.actions import mark_all_read
from messaging.rooms import rooms_of
from overview.forms import ReadingForm
from overview.today import today as read_today

MOST_INVITATIONS = 3


@never_cache
@in_community
@require_safe
def today(request: CommunityRequest, slug: str) -> HttpResponse:
    """What is new since the last visit. It ends."""
    request.rooms = rooms_of(request.membership)
    context = {
        "today": read_today(request.membership, request.rooms),
        "shows_people": any(member != request.membership for member in people_here(request.membership)),
        "invitations": _own_invitations(request.membership),
        "active": "today",
    }
    template = "overview/_today.html" if request.GET.get("part") == "today" else "overview/today.html"
    return render(request, template, context)


def _own_invitations(member: Membership) -> list[Invitation]:
    """Seats one has offered and nobody has taken yet."""
    if not grants(member, Right.INVITE_MEMBERS):
        return []
    own = Invitation.objects.visible_to(member).filter(inviter=member).lately().order_by("expires_at")
    return [invitation for invitation in own if invitation.is_open][:MOST_INVITATIONS]


@in_community
@require_POST
def reading(request: CommunityRequest, slug: str) -> HttpResponse:
    """Rooms that need not be opened: read up to the words that Today showed."""
    form = ReadingForm({"read": request.POST.getlist("read")})
    if not form.is_valid():
        if is_from_script(request):
            return JsonResponse({"reason": str(form.errors["read"][0])}, status=422)
        messages.error(request, str(form.errors["read"][0]))
        return redirect("community", slug)
    marks = form.cleaned_data["read"]
    entered = [room.pk for room in rooms_of(request.membership) if room.pk in marks]
    if entered:
        mark_all_read([(request.membership.pk, room, marks[room]) for room in entered])
    return HttpResponse(status=204) if is_from_script(request) else redirect("community", slug)
