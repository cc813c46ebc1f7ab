"""Who may be seen to be here, and by whom. Nothing of it is kept, but what each person and each community chose."""

from collections.abc import Mapping

from django.urls import reverse

from communities.models import Membership
from core.streams import Here, Sign, here_stream
from realtime.publish import people_at

HERE = "here"
Part = tuple[dict[str, int], dict[str, Sign | Here]]


def may_see_presence(viewer: Membership) -> bool:
    """Members of communities that show it, whatever they chose for themselves; guests see no people here."""
    return viewer.community.allows_presence and not viewer.role.is_guest


def presence_of(member: Membership) -> Part:
    """What a page of the community subscribes to, and what it may say of its person: their own choice.

    Shape: streams and signs for a `Subscription`; the member comes with community and role.
    """
    if not member.community.allows_presence:
        return {}, {}
    place, is_watching = str(member.community_id), may_see_presence(member)
    own = {"person": str(member.pk), "card": _card(member)} if member.shows_presence else {}
    streams = {here_stream(place): 0} if is_watching else {}
    return streams, {HERE: Here(place, is_watching, **own)}  # type: ignore[arg-type]


def _card(member: Membership) -> Mapping[str, str | int]:
    face = {"picture": reverse("picture", args=[member.picture_id])} if member.picture_id else {}
    return face | {"id": str(member.pk), "name": member.display_name, "initials": member.initials, "hue": member.hue}


def people_here(viewer: Membership) -> list[Membership]:
    """Who is here and may be seen by this member, in the order of their names.

    The live list may be some seconds old. Here the database has the last word, so that who has just refused, or was
    just excluded, is on no new page.
    """
    here = people_at(str(viewer.community_id)) if may_see_presence(viewer) else {}
    if not here:
        return []
    people = Membership.objects.visible_to(viewer).current().filter(pk__in=list(here), shows_presence=True)
    return sorted(people, key=lambda member: (member.name_spelling, member.display_name, str(member.pk)))
