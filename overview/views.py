"""Today, search, and the palette that jumps."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from communities.http import CommunityRequest, in_community, is_from_script
from communities.models import Intervention, Invitation, Membership, Role, Room
from communities.permissions import grants
from communities.presence import people_here
from communities.rights import Right
from core import limits
from messaging.actions import mark_all_read
from messaging.models import Message
from messaging.rooms import rooms_of
from overview.excerpts import Piece, excerpts
from overview.forms import ReadingForm, SearchForm, place_of, written
from overview.search import Found, Query, find_messages, find_people, find_rooms
from overview.today import today as read_today

MOST_INVITATIONS = 3
MOST_ON_PAGE = 20
#: Of each kind, in the palette.
MOST_JUMPS = 5


@never_cache
@in_community
@require_safe
def today(request: CommunityRequest, slug: str) -> HttpResponse:
    """What is new since the last visit. It ends."""
    request.rooms = rooms_of(request.membership)
    others_here = any(member != request.membership for member in people_here(request.membership))
    context = {
        "today": read_today(request.membership, request.rooms),
        "shows_people": others_here,
        "circle": [] if others_here else _circle(request.membership),
        "invitations": _own_invitations(request.membership),
        "interventions": list(Intervention.objects.news_for(request.membership)),
        "asked": _asked_by_operators(request.membership),
        "active": "today",
    }
    template = "overview/_today.html" if request.GET.get("part") == "today" else "overview/today.html"
    return render(request, template, context)


def _circle(viewer: Membership) -> list[Membership]:
    """The group, in the order in which it sits on the page of its people; nobody where one would sit alone."""
    everybody = list(Membership.objects.visible_to(viewer).presented().order_by("pk"))
    return everybody if len(everybody) > 1 else []


def _own_invitations(member: Membership) -> list[Invitation]:
    """Seats one has offered and nobody has taken yet."""
    if not grants(member, Right.INVITE_MEMBERS):
        return []
    own = Invitation.objects.visible_to(member).filter(inviter=member).lately().order_by("expires_at")
    return [invitation for invitation in own if invitation.is_open][:MOST_INVITATIONS]


def _asked_by_operators(member: Membership) -> int:
    """How often the operators of the place ask to let somebody in, of those who can answer."""
    if member.role.code != Role.Code.OWNER:
        return 0
    return Invitation.objects.waiting().filter(community_id=member.community_id).count()


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


# ---- Search ----


@dataclass(slots=True)
class Hits:
    """What was found of one query."""

    rooms: list[Room]
    people: list[Membership]
    messages: list[tuple[Message, list[Piece]]]
    #: For the address of the next page; "" on the last.
    older: str = ""

    def __bool__(self) -> bool:
        return bool(self.rooms or self.people or self.messages)


@never_cache
@in_community
@require_safe
def search(request: CommunityRequest, slug: str) -> HttpResponse:
    """Rooms, people and messages, as a page of its own."""
    request.rooms = rooms_of(request.membership)
    form = SearchForm(request.GET, request.rooms)
    query = form.query() if form.is_valid() else None
    context: dict[str, object] = {"form": form, "query": query, "active": "search"}
    if query and not _is_calm(request.membership):
        form.add_error("q", _("That was a lot at once. Wait a moment, then go on."))
        return render(request, "overview/search.html", context, status=429)
    if query:
        context["hits"] = _hits(request, query, MOST_ON_PAGE)
        address = request.GET.copy()
        address.pop("older", None)
        context["address"] = address.urlencode()
    return render(request, "overview/search.html", context, status=422 if form.errors else 200)


@never_cache
@in_community
@require_safe
def jump(request: CommunityRequest, slug: str) -> HttpResponse:
    """What the palette offers for what has been typed so far: a piece of a page."""
    request.rooms = rooms_of(request.membership)
    form = SearchForm({"q": request.GET.get("q", "")}, request.rooms)
    query = form.query() if form.is_valid() else None
    context: dict[str, object] = {"form": form}
    if query and not _is_calm(request.membership):
        return HttpResponse(status=429)
    if query:
        context["hits"] = _hits(request, query, MOST_JUMPS, are_messages_meant=not query.is_one_letter)
    elif not form.errors:
        context["hits"] = Hits(sorted(request.rooms, key=lambda room: not room.is_unread)[:MOST_JUMPS], [], [])  # type: ignore[attr-defined]
    return render(request, "overview/_jump.html", context)


def _is_calm(member: Membership) -> bool:
    return limits.is_within(f"search:{member.pk}", times=40, seconds=20)


def _hits(request: CommunityRequest, query: Query, most: int, *, are_messages_meant: bool = True) -> Hits:
    """Rooms and people only where nothing but words, and no older ones, are asked for."""
    place = place_of(request.GET.get("older", ""))
    found = Found()
    if are_messages_meant:
        found = find_messages(request.membership, request.rooms, query, most=most, place=place)
    shown = excerpts(found.messages, query.terms, is_going_on=query.is_going_on)
    hits = Hits([], [], list(zip(found.messages, shown, strict=True)), written(found.older) if found.older else "")
    if not query.has_filters and place is None:
        hits.rooms = find_rooms(request.rooms, query.words)[:MOST_JUMPS]
        hits.people = find_people(request.membership, query.words, most=MOST_JUMPS)
    return hits
