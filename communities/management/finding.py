"""What an operator names on the command line: a community, a room, a member."""

import uuid
from typing import TypeVar

from django.core.management.base import CommandError
from django.db.models import QuerySet

from communities.models import Community, Membership, Room
from core.text import spelling

Found = TypeVar("Found", Membership, Room)


def find_community(slug: str) -> Community:
    """Raises: CommandError."""
    community = Community.objects.filter(slug=slug).first()
    if community is None:
        raise CommandError(f"There is no community with the address {slug}.")
    return community


def find_room(community: Community, words: str) -> Room:
    """By id or name. Raises: CommandError."""
    rooms = Room.objects.filter(community=community)
    return _only("room", words, rooms.filter(pk=number) if (number := _id(words)) else rooms.filter(name__iexact=words))


def find_member(community: Community, words: str) -> Membership:
    """By id or name; who has left by id only, as their name may be somebody else's now. Raises: CommandError."""
    people = Membership.objects.filter(community=community).select_related("role")
    if number := _id(words):
        return _only("member", words, people.filter(pk=number))
    return _only("member", words, people.filter(left_at=None, name_spelling=spelling(words)).exclude(name_spelling=""))


def _id(words: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(words)
    except ValueError:
        return None


def _only(noun: str, words: str, found: QuerySet[Found]) -> Found:
    some = list(found[:2])
    if not some:
        raise CommandError(f"There is no {noun} {words} in this community.")
    if len(some) > 1:
        raise CommandError(f"There is more than one {noun} {words} in this community: name the id instead.")
    return some[0]
