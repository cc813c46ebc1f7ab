"""The form door, the pages of a room, and what came since."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from communities.models import Community, Membership, Room
from messaging.actions import Draft, delete_message, post_messages
from messaging.models import Message, ReadMark
from tests import factories

JSON = {"Accept": "application/json"}


def signed_in(member: Membership) -> Client:
    client = Client()
    assert member.user is not None
    client.force_login(member.user)
    return client


def say(author: Membership, room: Room, count: int = 1) -> list[Message]:
    outcomes = [post_messages([Draft(author, room, uuid.uuid4(), f"words {n}")])[0] for n in range(count)]
    return [outcome for outcome in outcomes if isinstance(outcome, Message)]


def url(circle: Community, room: Room, end: str = "") -> str:
    return f"/c/{circle.slug}/rooms/{room.pk}/{end}"


@pytest.mark.django_db
def test_the_form_stores_a_message_and_leads_to_it(circle: Community, mel: Membership, hall: Room) -> None:
    client_id = str(uuid.uuid4())
    for _click in range(2):
        answer = signed_in(mel).post(url(circle, hall, "messages/"), {"client_id": client_id, "text": "by form"})
        assert answer.status_code == 302
    message = hall.messages.get()
    assert answer["Location"].endswith(f"#message-{message.pk}")


@pytest.mark.django_db
def test_a_refused_form_keeps_what_was_typed(circle: Community, mel: Membership, hall: Room) -> None:
    text = "x" * 8001
    answer = signed_in(mel).post(url(circle, hall, "messages/"), {"client_id": str(uuid.uuid4()), "text": text})
    assert answer.status_code == 422
    assert text in answer.content.decode()


@pytest.mark.django_db
def test_a_script_gets_the_numbers_or_the_reason(circle: Community, mel: Membership, hall: Room) -> None:
    client = signed_in(mel)
    form = {"client_id": str(uuid.uuid4()), "text": "by script"}
    assert client.post(url(circle, hall, "messages/"), form, headers=JSON).json()["sequence"] == 1
    refused = client.post(url(circle, hall, "messages/"), form | {"client_id": "no uuid"}, headers=JSON)
    assert refused.status_code == 422
    assert refused.json()["reason"]


@pytest.mark.django_db
def test_changes_tells_posts_edits_and_deletions_since(circle: Community, mel: Membership, hall: Room) -> None:
    first, second = say(mel, hall, 2)
    delete_message(actor=mel, message=first)
    answer = signed_in(mel).get(url(circle, hall, "changes/?since=1"), headers=JSON).json()
    assert (answer["up_to"], answer["is_gap"]) == (3, False)
    assert [item["id"] for item in answer["items"]] == [str(second.pk), str(first.pk)]
    assert "words 0" not in answer["items"][1]["html"]
    for nonsense in ("", "?since=", "?since=x", "?since=-4", f"?since={10**30}"):
        assert signed_in(mel).get(url(circle, hall, f"changes/{nonsense}"), headers=JSON).status_code == 200


@pytest.mark.django_db
def test_the_room_opens_at_the_unread_line_when_much_is_unread(
    circle: Community, ada: Membership, mel: Membership, hall: Room
) -> None:
    for author in (ada, ada, ada):
        say(author, hall, 30)
        ReadMark.objects.update_or_create(membership=mel, room=hall, defaults={"last_sequence": 10})
        _forget_limits()
    window = signed_in(mel).get(url(circle, hall)).context["window"]
    assert window.has_newer
    assert [line.message.sequence for line in window.lines if line.is_first_unread] == [11]


@pytest.mark.django_db
def test_the_newest_is_one_click_away_however_much_is_unread(
    circle: Community, ada: Membership, mel: Membership, hall: Room
) -> None:
    for _ in range(3):
        say(ada, hall, 40)
        _forget_limits()
    ReadMark.objects.create(membership=mel, room=hall, last_sequence=10)
    window = signed_in(mel).get(url(circle, hall, "?at=newest")).context["window"]
    assert (window.last_sequence, window.has_newer, window.has_older) == (120, False, True)


@pytest.mark.django_db
def test_a_script_without_a_session_hears_so_and_a_reader_may_sign_in(circle: Community, hall: Room) -> None:
    assert Client().get(url(circle, hall, "changes/"), headers=JSON).status_code == 401
    answer = Client().get(url(circle, hall))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=/c/")


@pytest.mark.django_db
def test_a_script_learns_why_something_is_not_allowed(
    circle: Community, ada: Membership, mel: Membership, hall: Room
) -> None:
    [message] = say(ada, hall)
    edition = url(circle, hall, f"messages/{message.pk}/edition/")
    answer = signed_in(mel).post(edition, {"text": "mine"}, headers=JSON)
    assert (answer.status_code, bool(answer.json()["reason"])) == (403, True)
    client = signed_in(ada)
    delete_message(actor=ada, message=message)
    answer = client.post(edition, {"text": "again"}, headers=JSON | {"accept-language": "en"})
    assert (answer.status_code, answer.json()["reason"]) == (403, "This message has been deleted.")


@pytest.mark.django_db
def test_the_longest_text_fits_through_the_form_with_its_line_ends(
    circle: Community, mel: Membership, hall: Room
) -> None:
    text = "a\r\n" * 3999 + "ab"
    client = signed_in(mel)
    assert client.post(url(circle, hall, "messages/"), {"client_id": uuid.uuid4(), "text": text}).status_code == 302
    message = hall.messages.get()
    assert len(message.text) == 8000
    change = client.post(url(circle, hall, f"messages/{message.pk}/edition/"), {"text": text.replace("a", "b")})
    assert change.status_code == 302


@pytest.mark.django_db
def test_older_messages_come_page_by_page(circle: Community, ada: Membership, hall: Room) -> None:
    for _ in range(3):
        say(ada, hall, 40)
        _forget_limits()
    client = signed_in(ada)
    numbers: list[int] = []
    window: Any = client.get(url(circle, hall)).context["window"]
    while True:
        numbers = [line.message.sequence for line in window.lines] + numbers
        if not window.has_older:
            break
        window = client.get(url(circle, hall, f"messages/?before={window.first_sequence}")).context["window"]
    assert numbers == list(range(1, 121))


@pytest.mark.django_db
def test_a_room_page_takes_a_constant_number_of_queries(
    circle: Community, ada: Membership, mo: Membership, mel: Membership, hall: Room, django_assert_num_queries: Any
) -> None:
    client = signed_in(mel)
    client.get(url(circle, hall))  # the first page of a visit takes note of it
    for author in (ada, mo, mel):
        say(author, hall, 2)
        with django_assert_num_queries(5):
            assert client.get(url(circle, hall)).status_code == 200


@pytest.mark.django_db
def test_reading_by_form_marks_the_room(circle: Community, ada: Membership, mel: Membership, hall: Room) -> None:
    say(ada, hall, 3)
    signed_in(mel).post(url(circle, hall, "reading/"), {"sequence": "3"})
    assert ReadMark.objects.get(membership=mel).last_sequence == 3


def _forget_limits() -> None:
    from core import limits

    limits._seen.clear()


@pytest.mark.django_db
def test_the_list_of_rooms_has_the_last_words_that_one_may_read(
    circle: Community, ada: Membership, mel: Membership, hall: Room, attic: Room
) -> None:
    """Not those of rooms one may not enter, not those from before one came, not what was deleted."""
    say(ada, attic)
    earlier = say(ada, hall)[0]
    Message.objects.filter(pk=earlier.pk).update(created_at=timezone.now() - timedelta(days=9))
    Membership.objects.filter(pk=mel.pk).update(joined_at=timezone.now() - timedelta(days=3))
    client = signed_in(mel)
    assert "words 0" not in client.get(f"/c/{circle.slug}/rooms/").content.decode()
    said = say(ada, hall, 3)
    delete_message(actor=ada, message=said[2])
    text = client.get(f"/c/{circle.slug}/rooms/").content.decode()
    assert [f"words {n}" in text for n in range(3)] == [False, True, False]
    assert [f"words {n}" in signed_in(ada).get(f"/c/{circle.slug}/rooms/").content.decode() for n in (0, 1)] == [
        True
    ] * 2


@pytest.mark.django_db
@pytest.mark.parametrize("rooms", [3, 60])
def test_the_list_of_rooms_takes_a_constant_number_of_queries(
    circle: Community, ada: Membership, mo: Membership, mel: Membership, rooms: int, django_assert_num_queries: Any
) -> None:
    for number in range(rooms):
        place = factories.room(circle, f"Room {number}")
        for author in (ada, mo):
            factories.written_before(author, place, 1)
    client = signed_in(mel)
    client.get(f"/c/{circle.slug}/rooms/")  # the first page of a visit takes note of it
    with django_assert_num_queries(6):
        text = client.get(f"/c/{circle.slug}/rooms/").content.decode()
    assert text.count("gist") == rooms
