"""Pages about the people of a community, and what they agreed on."""

import unicodedata
import uuid

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from communities.http import CommunityRequest, in_community
from communities.models import Intervention, Membership, Picture
from communities.presence import people_here

#: More seats cannot be told apart; the list has everybody.
MOST_SEATS = 150


def _people(viewer: Membership) -> "QuerySet[Membership]":
    return Membership.objects.visible_to(viewer).presented().select_related("role")


@never_cache
@in_community
@require_safe
def people(request: CommunityRequest, slug: str) -> HttpResponse:
    """All of them: in a circle by their random ids, in a list by their names. Neither says anything about anybody.

    Guests know those whom they meet in their rooms; for them there is no such page.
    """
    if request.membership.role.is_guest:
        raise Http404
    everybody = list(_people(request.membership))
    here = {member.pk for member in people_here(request.membership)}
    for member in everybody:
        member.is_here = member.pk in here  # type: ignore[attr-defined]
    words = request.GET.get("q", "").strip()
    listed = sorted(everybody, key=lambda member: (member.name_spelling, member.display_name, str(member.pk)))
    for member in listed:  # the script that sifts needs them all
        member.fits = _fits(member, words)  # type: ignore[attr-defined]
    context = {
        "seated": sorted(everybody, key=lambda member: member.pk)[:MOST_SEATS],
        "people": listed,
        "some_fit": any(member.fits for member in listed),  # type: ignore[attr-defined]
        "here": len(here),
        "words": words,
        "active": "people",
    }
    return render(request, "communities/people.html", context)


def _fits(member: Membership, words: str) -> bool:
    said = _bare(f"{member.display_name} {member.introduction}")
    return all(word in said for word in _bare(words).split())


def _bare(text: str) -> str:
    """As `static/js/sift.js` has it: without the marks above and below letters, so that "bohme" finds Böhme."""
    return "".join(
        letter for letter in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(letter)
    )


@never_cache
@in_community
@require_safe
def person(request: CommunityRequest, slug: str, person: uuid.UUID) -> HttpResponse:
    """What one member shows the others."""
    member = get_object_or_404(_people(request.membership), pk=person)
    member.is_here = any(one.pk == member.pk for one in people_here(request.membership))  # type: ignore[attr-defined]
    return render(request, "communities/person.html", {"member": member, "active": "people"})


@never_cache
@in_community
@require_safe
def rules(request: CommunityRequest, slug: str) -> HttpResponse:
    """What the members agreed on when they joined, and what the operators did here without asking."""
    context = {"community": request.community, "active": "rules"}
    interventions = Intervention.objects.visible_to(request.membership)
    return render(request, "communities/rules.html", context | {"interventions": interventions})


@require_safe
@login_required
def picture(request: HttpRequest, picture: uuid.UUID) -> HttpResponse:
    """A member's face, for those who are in the same community."""
    shown = get_object_or_404(Picture.objects.visible_to_account(request.user.pk), pk=picture)
    answer = HttpResponse(shown.webp, content_type="image/webp")
    # Under this address it never changes; no cache but the browser's own keeps it, and that until one signs out there.
    answer["Cache-Control"] = "private, max-age=86400, immutable"
    answer["Content-Disposition"] = "inline"
    return answer
