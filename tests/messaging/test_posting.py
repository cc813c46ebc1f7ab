"""Posting: the one action behind both doors."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from communities.actions import remove_member
from communities.models import Membership, Room
from messaging.actions import Draft, Outcome, Refusal, delete_message, edit_message, post_messages
from messaging.models import Message, RoomLog


def post(author: Membership, room: Room, text: str = "Hello", client_id: uuid.UUID | None = None) -> Outcome:
    return post_messages([Draft(author, room, client_id or uuid.uuid4(), text)])[0]


@pytest.mark.django_db
def test_messages_of_a_room_are_numbered_without_gaps(mel: Membership, mo: Membership, hall: Room) -> None:
    for author in (mel, mo, mel):
        post(author, hall)
    assert list(hall.messages.values_list("sequence", "change")) == [(1, 1), (2, 2), (3, 3)]


@pytest.mark.django_db
def test_a_refused_message_takes_no_number(mel: Membership, mute: Membership, hall: Room) -> None:
    assert isinstance(post(mute, hall), Refusal)
    first = post(mel, hall)
    assert isinstance(first, Message)
    assert first.sequence == 1


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "  \n ", "\u200b", "\u2800 \u200b", "a\x00b", "\ud800", "x" * 8001])
def test_what_cannot_be_a_message_is_refused_with_words(mel: Membership, hall: Room, text: str) -> None:
    outcome = post(mel, hall, text)
    assert isinstance(outcome, Refusal)
    assert outcome.reason
    assert not hall.messages.exists()


@pytest.mark.django_db
def test_the_longest_message_fits(mel: Membership, hall: Room) -> None:
    assert isinstance(post(mel, hall, "ß" * 8000), Message)


@pytest.mark.django_db
def test_a_retry_finds_its_own_message(mel: Membership, hall: Room) -> None:
    client_id = uuid.uuid4()
    first, again = post(mel, hall, client_id=client_id), post(mel, hall, "other words", client_id)
    assert first == again
    assert hall.messages.get().text == "Hello"


@pytest.mark.django_db
def test_a_retry_is_answered_as_before_whatever_came_in_between(mel: Membership, hall: Room) -> None:
    client_id = uuid.uuid4()
    first = post(mel, hall, client_id=client_id)
    for _ in range(45):
        post(mel, hall)
    Membership.objects.filter(pk=mel.pk).update(muted_until=timezone.now() + timedelta(days=1))
    assert post(mel, hall, client_id=client_id) == first


@pytest.mark.django_db
def test_a_flood_is_slowed_down_and_may_be_tried_again(mel: Membership, hall: Room) -> None:
    outcomes = [post(mel, hall) for _ in range(45)]
    assert isinstance(outcomes[0], Message)
    assert isinstance(outcomes[-1], Refusal)
    assert not outcomes[-1].is_final


@pytest.mark.django_db
def test_who_shares_a_batch_with_a_retry_is_counted_once(mel: Membership, mo: Membership, hall: Room) -> None:
    retried = Draft(mo, hall, uuid.uuid4(), "again and again")
    for _ in range(30):
        outcomes = post_messages([Draft(mel, hall, uuid.uuid4(), "Hello"), retried])
        assert all(isinstance(outcome, Message) for outcome in outcomes)


@pytest.mark.django_db
def test_line_ends_of_a_form_count_once_and_are_stored_once(mel: Membership, hall: Room) -> None:
    outcome = post(mel, hall, "\r\n" + "a\r\n" * 4000)
    assert isinstance(outcome, Message)
    assert outcome.text == "\n".join("a" * 4000)


@pytest.mark.django_db
def test_the_same_client_id_of_two_people_are_two_messages(mel: Membership, mo: Membership, hall: Room) -> None:
    client_id = uuid.uuid4()
    assert post(mel, hall, client_id=client_id) != post(mo, hall, client_id=client_id)


@pytest.mark.django_db
def test_a_measure_that_came_after_loading_is_read_in_the_transaction(mel: Membership, hall: Room) -> None:
    Membership.objects.filter(pk=mel.pk).update(muted_until=timezone.now() + timedelta(days=1))
    assert isinstance(post(mel, hall), Refusal)


@pytest.mark.django_db
def test_who_has_left_meanwhile_writes_edits_and_deletes_no_more(ada: Membership, mel: Membership, hall: Room) -> None:
    before = post(mel, hall)
    assert isinstance(before, Message)
    remove_member(actor=ada, member=Membership.objects.get(pk=mel.pk))
    assert isinstance(post(mel, hall), Refusal)
    with pytest.raises(PermissionDenied):
        edit_message(actor=mel, message=before, text="other")
    with pytest.raises(PermissionDenied):
        delete_message(actor=mel, message=before)


@pytest.mark.django_db
def test_who_is_no_longer_chosen_writes_no_more(ada: Membership, mo: Membership, attic: Room) -> None:
    assert isinstance(post(mo, attic), Message)
    attic.members.filter(membership=mo).delete()
    assert isinstance(post(mo, attic), Refusal)


@pytest.mark.django_db(transaction=True)
def test_one_message_sent_by_many_tries_at_once_is_stored_once(mel: Membership, hall: Room) -> None:
    client_id, outcomes = uuid.uuid4(), []
    start = threading.Barrier(8)

    def send() -> None:
        start.wait()
        try:
            outcomes.append(post(mel, hall, client_id=client_id))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 8
    assert len({outcome.pk for outcome in outcomes if isinstance(outcome, Message)}) == 1
    assert RoomLog.objects.get(room=hall).sequence == 1


@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_leave_no_gap(mel: Membership, mo: Membership, hall: Room) -> None:
    def send(author: Membership) -> None:
        try:
            for _ in range(10):
                assert isinstance(post(author, hall), Message)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=[author]) for author in (mel, mo, mel)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    in_order = list(hall.messages.order_by("sequence").values_list("sequence", flat=True))
    assert in_order == list(range(1, 31))
    times = list(hall.messages.order_by("sequence").values_list("created_at", flat=True))
    assert times == sorted(times)


@pytest.mark.django_db
def test_a_batch_takes_as_many_queries_as_one_message(
    mel: Membership, mo: Membership, mute: Membership, hall: Room, porch: Room, django_assert_num_queries: "object"
) -> None:
    post(mel, hall)
    post(mel, porch)
    drafts = [
        Draft(author, room, uuid.uuid4(), f"words {number}")
        for number in range(8)
        for author in (mel, mo)
        for room in (hall, porch)
    ]
    with django_assert_num_queries(5):  # type: ignore[operator]
        outcomes = post_messages(drafts)
    assert [outcome.sequence for outcome in outcomes if isinstance(outcome, Message)][:4] == [2, 2, 3, 3]
    assert list(hall.messages.values_list("sequence", flat=True)) == list(range(1, 18))
    with django_assert_num_queries(6):  # type: ignore[operator]  # who is refused may have been stored before
        outcomes = post_messages([Draft(mute, hall, uuid.uuid4(), "no"), *fresh(mel, hall)])
    assert [type(outcome) for outcome in outcomes] == [Refusal, Message]


def fresh(author: Membership, room: Room) -> list[Draft]:
    return [Draft(author, room, uuid.uuid4(), "words")]


@pytest.mark.django_db
def test_a_batch_with_a_retry_in_it_stores_the_rest(mel: Membership, mo: Membership, hall: Room) -> None:
    again = Draft(mel, hall, uuid.uuid4(), "once")
    first = post_messages([again])[0]
    outcomes = post_messages([*fresh(mo, hall), again, *fresh(mel, hall), again])
    assert outcomes[1] == outcomes[3] == first
    assert list(hall.messages.values_list("sequence", flat=True)) == [1, 2, 3]


@pytest.mark.django_db
def test_refusals_speak_the_language_of_their_author(mute: Membership, hall: Room) -> None:
    drafts = [Draft(mute, hall, uuid.uuid4(), "no", language) for language in ("de", "en")]
    german, english = (outcome.reason for outcome in post_messages(drafts) if isinstance(outcome, Refusal))
    assert german.startswith("Du kannst")
    assert english.startswith("You can")


@pytest.mark.django_db
def test_posting_takes_a_constant_number_of_queries(
    mel: Membership, hall: Room, django_assert_num_queries: "object"
) -> None:
    post(mel, hall)
    for _ in range(3):
        # the test's own; standing, room and rights; numbers; insert; and the two savepoints of a test
        with django_assert_num_queries(6):  # type: ignore[operator]
            post(Membership.objects.select_related("role").get(pk=mel.pk), hall)
