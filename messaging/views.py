"""The rooms and a room as pages; the form door of posting."""

import uuid
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from communities.http import CommunityRequest, in_community, is_from_script
from communities.models import Room
from communities.permissions import check_may_write
from core.checks import passes
from messaging import windows
from messaging.actions import Draft, Refusal, delete_message, edit_message, mark_read, post_messages
from messaging.forms import EditForm, MessageForm, ReadForm, WindowForm
from messaging.latest import Talk, latest
from messaging.live import frame
from messaging.models import Message
from messaging.permissions import check_change_message, check_delete_message
from messaging.rooms import room_of, rooms_of


@never_cache
@in_community
@require_safe
def rooms(request: CommunityRequest, slug: str) -> HttpResponse:
    """All rooms one may enter, with the last words of each; on phones the place to choose from."""
    request.rooms = rooms_of(request.membership)
    found = latest(request.membership, request.rooms)
    for room in request.rooms:
        room.talk = Talk.of(found[room.pk]) if found[room.pk] else None  # type: ignore[attr-defined]
    return render(request, "messaging/rooms.html", {"active": "rooms"})


@never_cache
@in_community
@require_safe
def room(request: CommunityRequest, slug: str, room: uuid.UUID) -> HttpResponse:
    """One room, at the unread line or the newest message."""
    return _room_page(request, _room_in_frame(request, room))


@never_cache
@in_community
@require_http_methods(["GET", "HEAD", "POST"])
def messages(request: CommunityRequest, slug: str, room: uuid.UUID) -> HttpResponse:
    """POST: the form door for a new message. GET: the page before or after a number, without one the newest."""
    place = _room(request, room) if is_from_script(request) else _room_in_frame(request, room)
    if request.method == "POST":
        return _create_message(request, place)
    numbers = WindowForm.read(request.GET)
    if numbers["after"] is None:
        window = windows.older_window(request.membership, place, _language(), before=numbers["before"])
    else:
        window = windows.newer_window(request.membership, place, _language(), after=numbers["after"])
    template = "messaging/_lines.html" if is_from_script(request) else "messaging/older.html"
    answer = render(request, template, {"room": place, "window": window, "active": f"room:{place.pk}"})
    answer["X-Has-Older"] = "yes" if window.has_older else "no"
    answer["X-Has-Newer"] = "yes" if window.has_newer else "no"
    return answer


def _create_message(request: CommunityRequest, place: Room) -> HttpResponse:
    form = MessageForm(request.POST)
    if not form.is_valid():
        return _refused(request, place, Refusal("; ".join(str(e[0]) for e in form.errors.values())))
    draft = Draft(request.membership, place, form.cleaned_data["client_id"], form.cleaned_data["text"])
    outcome = post_messages([draft])[0]
    if isinstance(outcome, Refusal):
        return _refused(request, place, outcome)
    if is_from_script(request):
        return JsonResponse({"id": str(outcome.pk), "sequence": outcome.sequence, "change": outcome.change})
    return HttpResponseRedirect(f"{place.get_absolute_url()}#message-{outcome.pk}")


def _refused(request: CommunityRequest, place: Room, refusal: Refusal) -> HttpResponse:
    status = 422 if refusal.is_final else 429
    if is_from_script(request):
        return JsonResponse({"reason": refusal.reason, "is_final": refusal.is_final}, status=status)
    return _room_page(request, place, status=status, refusal=refusal.reason, text=request.POST.get("text", ""))


@never_cache
@in_community
@require_safe
def changes(request: CommunityRequest, slug: str, room: uuid.UUID) -> HttpResponse:
    """What happened since a change.

    Shape: `up_to`, to which the page always advances, `items`, `is_gap`; where that is true, `known_from` and
    `newest_from` (windows.Changes).
    """
    place = _room(request, room)
    # Read with the room, before the messages: what commits in between comes again with the next question.
    up_to = place.change or 0  # type: ignore[attr-defined]
    numbers = WindowForm.read(request.GET)
    asked = {name: numbers[name] or 0 for name in ("since", "first", "last")}
    found = windows.changes(request.membership, place, _language(), **asked)
    answer = {"up_to": up_to, "is_gap": found.is_gap, "items": [frame(line.message, line.html) for line in found.lines]}
    if found.is_gap:
        answer |= {"known_from": found.known_from, "newest_from": found.newest_from}
    return JsonResponse(answer)


@in_community
@require_POST
def reading(request: CommunityRequest, slug: str, room: uuid.UUID) -> HttpResponse:
    """Marks the room as read up to a number."""
    place = _room(request, room)
    form = ReadForm(request.POST)
    if form.is_valid():
        mark_read(member=request.membership, room=place, sequence=form.cleaned_data["sequence"])
    return HttpResponse(status=204) if is_from_script(request) else redirect("room", slug, place.pk)


@never_cache
@in_community
@require_safe
def message(request: CommunityRequest, slug: str, room: uuid.UUID, message: uuid.UUID) -> HttpResponse:
    """A message's own address leads to its place in the room."""
    found = _message(request, room, message)
    place = reverse("room", args=[slug, room])
    return HttpResponseRedirect(f"{place}?at={found.sequence}#message-{found.pk}")


@never_cache
@in_community
@require_http_methods(["GET", "HEAD", "POST"])
def edition(request: CommunityRequest, slug: str, room: uuid.UUID, message: uuid.UUID) -> HttpResponse:
    """Change one's own message."""
    found = _message(request, room, message)
    check_change_message(request.membership, found)
    form = EditForm(request.POST or None, initial={"text": found.text})
    if request.method == "POST" and form.is_valid():
        outcome = edit_message(actor=request.membership, message=found, text=form.cleaned_data["text"])
        if isinstance(outcome, Message):
            return _changed(request, found)
        form.add_error("text", outcome.reason)
    context = {"room": found.room, "message": found, "form": form, "active": f"room:{room}"}
    if is_from_script(request) and request.method == "POST":
        return JsonResponse({"reason": str(form.errors["text"][0])}, status=422)
    if is_from_script(request):
        return JsonResponse({"text": found.text})
    return render(request, "messaging/edition.html", context, status=422 if form.errors else 200)


@never_cache
@in_community
@require_http_methods(["GET", "HEAD", "POST"])
def deletion(request: CommunityRequest, slug: str, room: uuid.UUID, message: uuid.UUID) -> HttpResponse:
    """Delete one's own message; the page asks first, by name."""
    found = _message(request, room, message)
    check_delete_message(request.membership, found)
    if request.method == "POST":
        delete_message(actor=request.membership, message=found)
        return _changed(request, found)
    context = {"room": found.room, "message": found, "active": f"room:{room}"}
    return render(request, "messaging/deletion.html", context)


def _changed(request: CommunityRequest, found: Message) -> HttpResponse:
    if is_from_script(request):
        return JsonResponse({"id": str(found.pk), "change": found.change})
    return redirect("message", request.community.slug, found.room_id, found.pk)


def _room_page(request: CommunityRequest, place: Room, status: int = 200, **extra: Any) -> HttpResponse:
    window = windows.open_window(
        request.membership,
        place,
        _language(),
        at=WindowForm.read(request.GET)["at"],
        is_newest=request.GET.get("at") == "newest",
    )
    context = {
        "active": f"room:{place.pk}",
        "room": place,
        # Read before the messages: what comes between the two reads is asked for again, never missed.
        "change": place.change or 0,  # type: ignore[attr-defined]
        "window": window,
        "client_id": uuid.uuid4(),
        "may_write": passes(check_may_write, request.membership),
        "longest": Message.LONGEST,
    }
    return render(request, "messaging/room.html", context | extra, status=status)


def _room(request: CommunityRequest, room: uuid.UUID) -> Room:
    found = room_of(request.membership, room)
    if found is None:
        raise Http404
    return found


def _room_in_frame(request: CommunityRequest, room: uuid.UUID) -> Room:
    """The same, of the rooms that the page shows all around it."""
    request.rooms = rooms_of(request.membership)
    for found in request.rooms:
        if found.pk == room:
            return found
    raise Http404


def _message(request: CommunityRequest, room: uuid.UUID, message: uuid.UUID) -> Message:
    place = _room(request, room)
    found: Message = get_object_or_404(place.messages.visible_to(request.membership).with_authors(), pk=message)
    found.room = place
    return found


def _language() -> str:
    return (get_language() or "en").split("-")[0]
