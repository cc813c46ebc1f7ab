"""The one statement behind posting says the same as the querysets and rights that pages ask."""

import itertools
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from communities.entries import entries_of_accounts, entries_of_members
from communities.models import Community, Membership, Room
from communities.permissions import rights_of
from tests import factories

STANDINGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "muted": {"muted_until": timedelta(days=1)},
    "read-only": {"read_only_until": timedelta(days=1)},
    "suspended": {"suspended_until": timedelta(days=1)},
    "suspended before": {"suspended_until": timedelta(days=-1)},
    "banned": {"banned_at": timedelta()},
    "gone": {"left_at": timedelta()},
}
ROLES = ["owner", "moderator", "member", "guest"]


def everybody(circle: Community, chosen: Room) -> list[Membership]:
    """Every standing in every role, in and out of the chosen room, and one whose account is closed."""
    people = []
    for role, standing, is_chosen in itertools.product(ROLES, STANDINGS, (True, False)):
        name = f"{role} {standing} {is_chosen}".replace(" ", "-")
        member = factories.member(circle, name, role=role, rooms=[chosen] if is_chosen else [])
        for field, ahead in STANDINGS[standing].items():
            setattr(member, field, timezone.now() + ahead)
        member.save()
        people.append(member)
    closed = factories.member(circle, "closed")
    assert closed.user
    closed.user.is_active = False
    closed.user.save()
    return [*people, closed]


@pytest.mark.django_db
def test_it_agrees_with_what_pages_ask(circle: Community, hall: Room, ada: Membership) -> None:
    harbour = factories.community("harbour")
    attic, dock = factories.room(circle, "Attic", chosen=[ada]), factories.room(harbour, "Dock")
    rooms = [hall, attic, dock]
    people = everybody(circle, attic)
    accounts = {(member.user.pk, room.pk): (member, room) for member in people for room in rooms if member.user}
    by_account = entries_of_accounts(accounts)
    by_member = entries_of_members({(member.pk, room.pk) for member in people for room in rooms})
    for pair, (member, room) in accounts.items():
        now = Membership.objects.of_account(member.user_id).filter(pk=member.pk).select_related("role").first()
        seen = Room.objects.visible_to(now).with_chosen_at(now).filter(pk=room.pk).first() if now else None
        entry = by_account.get(pair)
        assert (entry is not None) == (seen is not None), (member.display_name, room.name)
        assert ((member.pk, room.pk) in by_member) == (seen is not None), (member.display_name, room.name)
        if entry and now and seen:
            assert entry == (now, seen)
            assert vars(entry[0])["_rights"] == rights_of(now)
            assert same_fields(entry[0], now)
            assert same_fields(entry[1], seen)
            assert entry[1].chosen_at == seen.chosen_at  # type: ignore[attr-defined]
            assert (entry[0].role.code, entry[1].community.slug) == (now.role.code, "circle")
    assert len(by_account) > 30


def same_fields(one: Any, other: Any) -> bool:
    """Of what was loaded: the rest comes from the database when it is asked for."""
    missing = one.get_deferred_fields()
    return all(
        getattr(one, field.attname) == getattr(other, field.attname)
        for field in one._meta.concrete_fields
        if field.attname not in missing
    )


@pytest.mark.django_db
def test_what_was_not_loaded_is_not_overwritten(mel: Membership, hall: Room) -> None:
    member, _room = entries_of_members([(mel.pk, hall.pk)])[mel.pk, hall.pk]
    Membership.objects.filter(pk=mel.pk).update(introduction="Hello")
    member.save()
    mel.refresh_from_db()
    assert mel.introduction == "Hello"
