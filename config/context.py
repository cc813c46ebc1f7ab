"""What the frame of every page inside a community shows. It may look into any app; apps do not know it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property

from accounts.marks import page_mark
from communities.models import Community, Membership, Room
from communities.permissions import check_found_community, grants
from communities.presence import may_see_presence, people_here
from communities.rights import Right
from core.checks import passes
from core.installation import known, site_name
from messaging.rooms import rooms_of
from operations.legal import links
from overview.today import rooms_with_arcs


@dataclass
class Frame:
    """Lazy: a page that does not draw the frame asks nothing."""

    membership: Membership
    other_communities: list[Community]
    #: What the page has read already, or nothing.
    known_rooms: list[Room] | None

    @property
    def community(self) -> Community:
        return self.membership.community

    @property
    def mark(self) -> str:
        """For the page's socket: whose page this is."""
        return page_mark(self.membership.user_id, self.membership.pk)

    @cached_property
    def rooms(self) -> list[Room]:
        return rooms_of(self.membership) if self.known_rooms is None else self.known_rooms

    @cached_property
    def arcs(self) -> tuple[int, int]:
        """Of the ring beside "Today": how many rooms have news since the last visit, and how many of them were read."""
        unread, read = rooms_with_arcs(self.rooms)
        return len(unread) + len(read), len(read)

    @property
    def room_groups(self) -> Iterator[tuple[str, list[Room]]]:
        """Shape: pairs of a title ("" for none) and its rooms, in the community's order."""
        for title, rooms in groupby(self.rooms, key=lambda room: room.group_title):
            yield title, list(rooms)

    @property
    def communities(self) -> list[Community]:
        """The account's other communities: shown to oneself only."""
        return sorted(self.other_communities, key=lambda place: (place.name.casefold(), place.slug))

    @cached_property
    def sees_presence(self) -> bool:
        return may_see_presence(self.membership)

    @cached_property
    def people_here(self) -> list[Membership]:
        return people_here(self.membership)

    @property
    def only_you_here(self) -> bool:
        return [member.pk for member in self.people_here] == [self.membership.pk]

    @cached_property
    def may_manage_settings(self) -> bool:
        return grants(self.membership, Right.MANAGE_SETTINGS)

    @property
    def settings_url(self) -> str:
        return reverse("community_settings", args=[self.community.slug])

    @cached_property
    def may_invite(self) -> bool:
        return grants(self.membership, Right.INVITE_MEMBERS)

    @property
    def today_url(self) -> str:
        return reverse("community", args=[self.community.slug])

    @property
    def search_url(self) -> str:
        return reverse("search", args=[self.community.slug])

    @property
    def jump_url(self) -> str:
        return reverse("jump", args=[self.community.slug])

    @property
    def rooms_url(self) -> str:
        return reverse("rooms", args=[self.community.slug])

    @property
    def people_url(self) -> str:
        """Nothing for guests, who have no such page."""
        return "" if self.membership.role.is_guest else reverse("people", args=[self.community.slug])

    @property
    def rules_url(self) -> str:
        return reverse("rules", args=[self.community.slug])

    @property
    def invitations_url(self) -> str:
        return reverse("invitations", args=[self.community.slug])

    @property
    def me_url(self) -> str:
        return reverse("my_membership", args=[self.community.slug])

    @property
    def account_url(self) -> str:
        return reverse("account")


def _may_found(request: HttpRequest) -> bool:
    """Whether this account may found communities; how many it has founded already only the page itself asks."""
    return hasattr(request, "user") and request.user.is_authenticated and passes(check_found_community, request.user)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `site_name` everywhere, `frame` only inside a community."""
    theme = getattr(request.user, "theme", "") if hasattr(request, "user") else ""
    context: dict[str, Any] = {
        "theme": "" if theme == "system" else theme,
        "site_name": site_name(),
        "source_url": settings.SOURCE_URL,
        "legal": links(),
        "sign_up": known().sign_up,
        "may_found": lambda: _may_found(request),
        "is_demo": settings.DEMO,
    }
    membership = getattr(request, "membership", None)
    if not membership:
        return context
    others, rooms = getattr(request, "other_communities", []), getattr(request, "rooms", None)
    return context | {"frame": Frame(membership, others, rooms)}
