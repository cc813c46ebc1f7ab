"""What a page that was away for long is told: the newest page, and what changed among what it shows."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from communities.models import Community, Membership, Room, RoomMember
from messaging.actions import delete_message, edit_message
from messaging.models import Message
from messaging.windows import MOST_CHANGES, PAGE
from tests.factories import written_before
from tests.messaging.test_pages import JSON, signed_in, url

pytestmark = pytest.mark.django_db


def changes(client: Client, circle: Community, room: Room, **numbers: int) -> Any:
    return client.get(url(circle, room, "changes/"), numbers, headers=JSON).json()


def numbers_of(answer: Any) -> list[int]:
    return [item["sequence"] for item in answer["items"]]


def test_thousands_missed_come_as_the_newest_page(
    circle: Community, ada: Membership, mel: Membership, hall: Room
) -> None:
    written_before(ada, hall, 5050)
    answer = changes(signed_in(mel), circle, hall, since=50, first=1, last=50)
    assert (answer["is_gap"], answer["up_to"]) == (True, 5050)
    assert numbers_of(answer) == list(range(5001, 5051))
    assert (answer["known_from"], answer["newest_from"]) == (1, 5001)


def test_as_much_as_is_told_one_by_one_is_no_gap(
    circle: Community, ada: Membership, mel: Membership, hall: Room
) -> None:
    written_before(ada, hall, 50 + MOST_CHANGES)
    answer = changes(signed_in(mel), circle, hall, since=50, first=1, last=50)
    assert (answer["is_gap"], len(answer["items"])) == (False, MOST_CHANGES)


def test_what_changed_among_the_shown_comes_with_the_newest_page(
    circle: Community, ada: Membership, mel: Membership, hall: Room
) -> None:
    shown = written_before(ada, hall, 50)
    missed = written_before(ada, hall, 400)
    assert isinstance(edit_message(actor=ada, message=shown[9], text="in other words"), Message)
    delete_message(actor=ada, message=shown[29])
    delete_message(actor=ada, message=missed[0])
    answer = changes(signed_in(mel), circle, hall, since=50, first=5, last=50)
    assert numbers_of(answer) == [10, 30, *range(401, 451)]
    assert "in other words" in answer["items"][0]["html"]
    assert "data-deleted" in answer["items"][1]["html"]
    assert answer["known_from"] == 5


def test_more_changed_than_a_page_holds_is_to_be_loaded_again(
    circle: Community, ada: Membership, mel: Membership, hall: Room
) -> None:
    shown = written_before(ada, hall, 150)
    written_before(ada, hall, 400)
    for message in shown[:120]:
        assert delete_message(actor=ada, message=message)
    answer = changes(signed_in(mel), circle, hall, since=150, first=1, last=150)
    assert len(answer["items"]) == 2 * PAGE
    assert answer["known_from"] == 71
    assert numbers_of(answer)[:PAGE] == list(range(71, 121))


def test_an_answer_stays_small_whatever_a_page_claims_to_show(
    circle: Community, ada: Membership, mel: Membership, hall: Room, django_assert_num_queries: Any
) -> None:
    client = signed_in(mel)
    written_before(ada, hall, 300)
    client.get("/")  # the session is read for the first time
    for last in (300, 2**62):
        with django_assert_num_queries(7):
            answer = changes(client, circle, hall, since=0, first=0, last=last)
        assert len(answer["items"]) == 2 * PAGE
        written_before(ada, hall, 1000)
    assert answer["newest_from"] == 1251


def test_a_gap_gives_nothing_from_before_ones_history(
    circle: Community, ada: Membership, mel: Membership, gus: Membership, porch: Room
) -> None:
    written_before(ada, porch, 300)
    written_before(ada, porch, 300)
    Message.objects.filter(room=porch, sequence__lte=570).update(created_at=timezone.now() - timedelta(days=9))
    Membership.objects.filter(pk=mel.pk).update(joined_at=timezone.now() - timedelta(days=3))
    RoomMember.objects.filter(membership=gus).update(added_at=timezone.now() - timedelta(days=3))
    for late in (mel, gus):
        client = signed_in(late)
        answer = changes(client, circle, porch, since=0, first=1, last=600)
        assert (answer["is_gap"], numbers_of(answer)) == (False, list(range(571, 601)))
        assert page_of(client, circle, porch, after=5) == (list(range(571, 601)), "no")
    Membership.objects.filter(pk=ada.pk).update(joined_at=timezone.now() - timedelta(days=99))
    assert changes(signed_in(ada), circle, porch, since=0, first=1, last=600)["is_gap"]


def page_of(client: Client, circle: Community, room: Room, **numbers: int) -> tuple[list[int], str]:
    answer = client.get(url(circle, room, "messages/"), numbers, headers=JSON)
    found = [line.message.sequence for line in answer.context["window"].lines]
    return found, answer["X-Has-Newer" if "after" in numbers else "X-Has-Older"]


def test_a_gap_is_filled_from_both_edges(circle: Community, ada: Membership, mel: Membership, hall: Room) -> None:
    written_before(ada, hall, 260)
    client = signed_in(mel)
    assert page_of(client, circle, hall) == (list(range(211, 261)), "yes")
    assert page_of(client, circle, hall, after=50) == (list(range(51, 101)), "yes")
    assert page_of(client, circle, hall, after=210) == (list(range(211, 261)), "no")
    assert page_of(client, circle, hall, after=260) == ([], "no")
    assert page_of(client, circle, hall, before=211) == (list(range(161, 211)), "yes")
    assert page_of(client, circle, hall, before=51) == (list(range(1, 51)), "no")
