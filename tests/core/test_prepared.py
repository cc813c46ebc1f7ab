"""Compiled once, filled many times: the answers are those of the queryset itself."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.db.models import F, QuerySet

from communities.models import Community, Membership, Room
from core.prepared import Prepared
from tests import factories


def joined(place: uuid.UUID, since: datetime) -> "QuerySet[Membership]":
    people = Membership.objects.filter(community_id=place, joined_at__gte=since).select_related("role", "community")
    return people.annotate(spelling=F("name_spelling")).order_by("-joined_at")[:3]


@pytest.mark.django_db
def test_each_call_has_its_own_values(
    circle: Community, ada: Membership, mel: Membership, django_assert_num_queries: Any
) -> None:
    harbour = factories.community("harbour")
    mo = factories.member(harbour, "Mo")
    ask = Prepared(joined, place=uuid.UUID, since=datetime)
    for place, since in [(circle, ada.joined_at), (harbour, mo.joined_at), (circle, mel.joined_at)]:
        expected = list(joined(place.pk, since))
        with django_assert_num_queries(1):
            found = ask(place=place.pk, since=since)
            assert found == expected
            assert [vars(one).keys() for one in found] == [vars(one).keys() for one in expected]
            assert [(one.role.code, one.community.slug) for one in found] == [
                (one.role.code, place.slug) for one in expected
            ]
            assert all(one.spelling == one.name_spelling for one in found)  # type: ignore[attr-defined]
    assert ask(place=uuid.uuid4(), since=ada.joined_at) == []
    with pytest.raises(KeyError):
        ask(place=circle.pk)


@pytest.mark.django_db
def test_what_is_saved_afterwards_goes_where_it_came_from(mel: Membership) -> None:
    ask = Prepared(joined, place=uuid.UUID, since=datetime)
    found = ask(place=mel.community_id, since=mel.joined_at)[0]
    found.introduction = "Hello"
    found.save()
    mel.refresh_from_db()
    assert mel.introduction == "Hello"


@pytest.mark.django_db
def test_a_value_that_is_lost_on_the_way_is_an_error_and_not_another_answer() -> None:
    ask = Prepared(lambda room, unused: Room.objects.filter(pk=room), room=uuid.UUID, unused=uuid.UUID)
    with pytest.raises(TypeError, match="unused"):
        ask(room=uuid.uuid4(), unused=uuid.uuid4())


@pytest.mark.django_db
def test_a_moment_that_would_never_pass_is_an_error() -> None:
    ask = Prepared(lambda user: Membership.objects.of_account(user), user=uuid.UUID)
    with pytest.raises(TypeError, match="moment"):
        ask(user=uuid.uuid4())


@pytest.mark.django_db(transaction=True)
def test_threads_ask_at_the_same_time_on_their_own_connections(circle: Community, hall: Room) -> None:
    rooms = {hall.pk, *(factories.room(circle, f"Room {number}").pk for number in range(7))}
    ask = Prepared(lambda room: Room.objects.filter(pk=room), room=uuid.UUID)

    def read(room: uuid.UUID) -> bool:
        try:
            return all([one.pk for one in ask(room=room)] == [room] for _ in range(20))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(read, rooms))
