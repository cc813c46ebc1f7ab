"""The queries that pages keep compiled say what the rules say, for everybody a member can be."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from communities import http
from communities.models import Community, Membership, Room
from messaging import windows
from messaging.actions import mark_read
from messaging.models import Message
from messaging.querysets import rooms_with_news, with_numbers
from messaging.rooms import room_of, rooms_of
from tests import factories

ADDED = ("is_unread", "chosen_at", "change", "last_read", "read_at")


def loaded(rooms: Any, *, but: str = "") -> list[dict[str, Any]]:
    """Everything that was read of each."""
    names = [field.attname for field in Room._meta.concrete_fields] + [name for name in ADDED if name != but]
    return [{name: getattr(room, name) for name in names} for room in rooms]


@pytest.fixture
def crowd(circle: Community, hall: Room, ada: Membership) -> list[Membership]:
    """Every role, chosen and not chosen, come before, between and after the words, with and without having read."""
    attic = factories.room(circle, "Attic", chosen=[ada])
    late = factories.room(circle, "Late", chosen=[ada])
    Room.objects.filter(pk=late.pk).update(history=Room.History.SINCE_JOINING)
    Room.objects.filter(pk=hall.pk).update(history=Room.History.SINCE_JOINING)
    dock = factories.room(factories.community("harbour"), "Dock")
    people = []
    for role in ("owner", "moderator", "member", "guest"):
        for number, joined_days_ago in enumerate((9, 5, 1)):
            chosen = [attic, late] if number % 2 else []
            member = factories.member(circle, f"{role} {number}", role=role, rooms=chosen)
            member.joined_at = timezone.now() - timedelta(days=joined_days_ago)
            member.save()
            people.append(member)
    for room in (hall, attic, late):
        factories.written_before(ada, room, 2)
        Message.objects.filter(room=room, sequence=1).update(created_at=timezone.now() - timedelta(days=7))
        Message.objects.filter(room=room, sequence=2).update(created_at=timezone.now() - timedelta(days=3))
    factories.written_before(factories.member(dock.community, "Mo"), dock, 1)
    for member in people[::2]:
        mark_read(member=member, room=hall, sequence=1)
    return people


@pytest.mark.django_db
def test_the_rooms_are_those_of_the_rules(crowd: list[Membership]) -> None:
    seen = set()
    for viewer in crowd:
        rule = with_numbers(rooms_with_news(viewer).with_chosen_at(viewer), viewer)
        assert loaded(rooms_of(viewer)) == loaded(rule), viewer.display_name
        for room in Room.objects.all():
            alone = with_numbers(Room.objects.visible_to(viewer).with_chosen_at(viewer), viewer).filter(pk=room.pk)
            found = room_of(viewer, room.pk)
            assert loaded([found] if found else [], but="is_unread") == loaded(alone, but="is_unread")
            seen.add((viewer.role.code, room.name, found is not None))
    assert {seen for _role, room, seen in seen if room == "Dock"} == {False}
    assert ("guest", "Hall", True) not in seen
    assert ("guest", "Attic", True) in seen


@pytest.mark.django_db
def test_the_newest_words_are_those_within_the_history(crowd: list[Membership]) -> None:
    numbers = set()
    for viewer in crowd:
        for room in rooms_of(viewer):
            window = windows.open_window(viewer, room, "en", is_newest=True)
            allowed = Message.objects.visible_to(viewer).filter(room=room).order_by("sequence")
            assert [line.message for line in window.lines] == list(allowed), (viewer.display_name, room.name)
            numbers.add(len(window.lines))
    assert numbers == {0, 1, 2}


@pytest.mark.django_db
def test_the_memberships_are_those_of_the_account(crowd: list[Membership], hall: Room) -> None:
    ada = Membership.objects.get(display_name="Ada")
    states: list[dict[str, Any]] = [
        {},
        {"banned_at": timezone.now()},
        {"banned_at": None, "left_at": timezone.now()},
        {"left_at": None, "suspended_until": timezone.now() + timedelta(days=1)},
        {"suspended_until": timezone.now() - timedelta(days=1)},
    ]
    seen = []
    for state in states:
        Membership.objects.filter(pk=ada.pk).update(**state)
        rule = Membership.objects.of_account(ada.user_id).with_rights().select_related("community", "role")
        found = http._memberships(account=ada.user_id, at=timezone.now())
        assert found == list(rule)
        assert [one.right_codes for one in found] == [one.right_codes for one in rule]  # type: ignore[attr-defined]
        seen.append(len(found))
    assert seen == [1, 0, 0, 0, 1]
