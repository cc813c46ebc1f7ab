"""How far back one may read: rooms, guests, newcomers."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from communities.models import Membership, Room, RoomMember
from messaging.actions import Draft, mark_read, post_messages
from messaging.models import Message
from messaging.querysets import first_visible_sequence, history_start, rooms_with_news


def say(author: Membership, room: Room, days_ago: int = 0) -> Message:
    message = post_messages([Draft(author, room, uuid.uuid4(), f"{days_ago} days ago")])[0]
    assert isinstance(message, Message)
    Message.objects.filter(pk=message.pk).update(created_at=timezone.now() - timedelta(days=days_ago))
    return message


def seen(viewer: Membership, room: Room) -> set[Message]:
    return set(room.messages.visible_to(viewer))


@pytest.mark.django_db
def test_newcomers_see_what_came_since_they_joined(ada: Membership, mel: Membership, hall: Room) -> None:
    Membership.objects.filter(pk=mel.pk).update(joined_at=timezone.now() - timedelta(days=3))
    mel.refresh_from_db()
    old, new = say(ada, hall, 9), say(ada, hall, 1)
    Membership.objects.filter(pk=ada.pk).update(joined_at=timezone.now() - timedelta(days=99))
    ada.refresh_from_db()
    assert seen(mel, hall) == {new}
    assert seen(ada, hall) == {old, new}


@pytest.mark.django_db
def test_rooms_that_show_everything_do(ada: Membership, mel: Membership, hall: Room) -> None:
    Room.objects.filter(pk=hall.pk).update(history=Room.History.ALL)
    old = say(ada, hall, 9)
    assert seen(mel, hall) == {old}


@pytest.mark.django_db
def test_guests_never_see_more_than_since_they_were_chosen(ada: Membership, gus: Membership, porch: Room) -> None:
    Room.objects.filter(pk=porch.pk).update(history=Room.History.ALL)
    old, new = say(ada, porch, 9), say(ada, porch, 1)
    RoomMember.objects.filter(membership=gus).update(added_at=timezone.now() - timedelta(days=3))
    assert seen(gus, porch) == {new}
    assert old.pk


@pytest.mark.django_db
def test_rooms_of_chosen_members_are_for_them_alone(
    ada: Membership, mo: Membership, mel: Membership, attic: Room
) -> None:
    message = say(ada, attic)
    assert seen(mo, attic) == {message}
    assert seen(mel, attic) == set()


@pytest.mark.django_db
def test_the_first_visible_number_agrees_with_what_is_visible(
    ada: Membership, mo: Membership, mel: Membership, gus: Membership, hall: Room, attic: Room, porch: Room
) -> None:
    for person, joined in ((ada, 99), (mo, 5), (mel, 2), (gus, 0)):
        Membership.objects.filter(pk=person.pk).update(joined_at=timezone.now() - timedelta(days=joined))
        person.refresh_from_db()
    for room in (hall, attic, porch):
        for days in (9, 4, 1):
            say(ada, room, days)
    for viewer in (ada, mo, mel, gus):
        for room in Room.objects.visible_to(viewer).with_chosen_at(viewer):
            assert set(room.messages.in_history_of(viewer, room)) == seen(viewer, room)
            numbers = [message.sequence for message in seen(viewer, room)]
            first = first_visible_sequence(viewer, room)
            assert first == (min(numbers) if history_start(viewer, room) and numbers else first)
            assert all(number >= first for number in numbers)
            assert {m.sequence for m in room.messages.filter(sequence__gte=first)} == set(numbers)


@pytest.mark.django_db
def test_a_room_is_unread_until_one_has_read_what_others_wrote(ada: Membership, mel: Membership, hall: Room) -> None:
    def unread(viewer: Membership) -> bool:
        return bool(rooms_with_news(viewer).get(pk=hall.pk).is_unread)  # type: ignore[attr-defined]

    assert not unread(mel)
    message = say(ada, hall)
    assert unread(mel)
    assert not unread(ada)
    assert mark_read(member=mel, room=hall, sequence=message.sequence)
    assert not unread(mel)
    assert not mark_read(member=mel, room=hall, sequence=0)
    say(ada, hall)
    assert unread(mel)


@pytest.mark.django_db
def test_a_made_up_number_hides_nothing_that_comes_later(ada: Membership, mel: Membership, hall: Room) -> None:
    say(ada, hall)
    mark_read(member=mel, room=hall, sequence=2**62)
    say(ada, hall)
    assert rooms_with_news(mel).get(pk=hall.pk).is_unread  # type: ignore[attr-defined]
