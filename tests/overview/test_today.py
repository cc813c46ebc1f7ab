"""Today: what is new since the last visit, one item per room, and it ends."""

import re
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from communities.actions import choose_room_member, known_visit, visit
from communities.models import Community, Membership, Room, Visit
from config.context import Frame
from messaging.actions import Draft, delete_message, mark_read, post_messages
from messaging.models import Message, ReadMark
from messaging.rooms import rooms_of
from overview.today import Today, today
from tests import factories

NO_ID = "00000000-0000-4000-8000-000000000000"


def signed_in(member: Membership) -> Client:
    client = Client()
    assert member.user is not None
    client.force_login(member.user)
    return client


def say(author: Membership, room: Room, text: str = "hello") -> Message:
    message = post_messages([Draft(author, room, uuid.uuid4(), text)])[0]
    assert isinstance(message, Message)
    return message


def page_of(viewer: Membership) -> Today:
    fresh = Membership.objects.select_related("role", "community", "visit").get(pk=viewer.pk)
    return today(fresh, rooms_of(fresh))


def shown(viewer: Membership) -> list[tuple[str, bool]]:
    return [(item.room.name, item.is_read) for item in page_of(viewer).items]


def returns(member: Membership, after: timedelta) -> None:
    """Everything so far happened that long ago, and the visit of then is over."""
    for model, fields in (
        (Message, ["created_at"]),
        (ReadMark, ["read_at"]),
        (Visit, ["since", "began_at", "last_at"]),
    ):
        for row in model.objects.all():
            for name in fields:
                setattr(row, name, getattr(row, name) - after)
            row.save(update_fields=fields)
    member.refresh_from_db()
    Membership.objects.filter(pk=member.pk).update(joined_at=member.joined_at - after - timedelta(days=1))
    visit(member=Membership.objects.select_related("visit").get(pk=member.pk))


@pytest.mark.django_db
def test_a_room_with_news_is_one_item_with_people_last_words_and_when(
    circle: Community, ada: Membership, mo: Membership, mel: Membership, hall: Room, porch: Room
) -> None:
    say(ada, hall, "first")
    say(mo, hall, "the **last** words\n\nof [all](https://example.org)")
    item = page_of(mel).items[0]
    assert (item.room, item.is_read, item.talk.people, item.talk.others) == (hall, False, [mo, ada], 0)
    assert item.talk.glimpse == "the last words of all"
    assert [item.room for item in page_of(mel).items] == [hall]


@pytest.mark.django_db
def test_more_people_than_three_are_a_number(circle: Community, mel: Membership, hall: Room) -> None:
    for name in ("Una", "Bo", "Cy", "Di", "Ed"):
        say(factories.member(circle, name), hall)
    text = signed_in(mel).get("/c/circle/").content.decode()
    assert "Ed, Di, Cy and two others" in text


@pytest.mark.django_db
def test_ones_own_words_are_no_news(mel: Membership, hall: Room) -> None:
    say(mel, hall)
    assert shown(mel) == []


@pytest.mark.django_db
def test_deleted_words_are_no_news(ada: Membership, mel: Membership, hall: Room) -> None:
    message = say(ada, hall)
    delete_message(actor=ada, message=message)
    assert shown(mel) == []


@pytest.mark.django_db
def test_what_was_read_in_this_visit_stays_as_read_and_goes_with_the_next(
    ada: Membership, mel: Membership, hall: Room, porch: Room
) -> None:
    visit(member=mel)
    say(ada, hall)
    returns(mel, timedelta(days=2))
    say(ada, hall)
    say(ada, porch)
    mark_read(member=mel, room=hall, sequence=2)
    assert shown(mel) == [("Porch", False), ("Hall", True)]
    mark_read(member=mel, room=porch, sequence=1)
    assert shown(mel) == [("Hall", True), ("Porch", True)]
    returns(mel, timedelta(days=1))
    assert shown(mel) == []
    assert not page_of(mel).is_first_visit


@pytest.mark.django_db
def test_a_room_in_which_only_oneself_wrote_is_no_item(ada: Membership, mel: Membership, hall: Room) -> None:
    say(ada, hall)
    mark_read(member=mel, room=hall, sequence=1)
    visit(member=mel)
    returns(mel, timedelta(days=2))
    mark_read(member=mel, room=hall, sequence=say(mel, hall).sequence)
    assert shown(mel) == []


@pytest.mark.django_db
def test_what_was_never_read_stays_however_old_it_is(ada: Membership, mel: Membership, hall: Room) -> None:
    visit(member=mel)
    say(ada, hall)
    for _again in range(3):
        returns(mel, timedelta(days=30))
    assert shown(mel) == [("Hall", False)]


@pytest.mark.django_db
def test_a_visit_goes_on_and_ends_after_hours_without_a_page(mel: Membership) -> None:
    begun = visit(member=mel).began_at
    for passed, is_same in ((Visit.PAUSE / 2, True), (Visit.PAUSE / 2, True), (Visit.PAUSE + Visit.STEP, False)):
        kept = Visit.objects.get()
        Visit.objects.update(since=kept.since - passed, began_at=kept.began_at - passed, last_at=kept.last_at - passed)
        last_at = Visit.objects.get().last_at
        begun = begun - passed
        fresh = Membership.objects.get(pk=mel.pk)
        now = visit(member=fresh)
        assert (now.began_at == begun) is is_same
        assert (now.since == last_at) is not is_same
    assert Visit.objects.count() == 1


@pytest.mark.django_db
def test_two_pages_that_open_at_once_begin_one_visit(mel: Membership) -> None:
    visit(member=mel)
    Visit.objects.update(last_at=timezone.now() - timedelta(days=1))
    one, other = (Membership.objects.select_related("visit").get(pk=mel.pk) for _ in range(2))
    ended = Visit.objects.get().last_at
    assert visit(member=one).since == ended
    assert visit(member=other).since == ended


def pretend_last_here(member: Membership, ago: timedelta) -> datetime:
    moment = timezone.now() - ago
    Visit.objects.filter(membership=member).update(since=moment - ago, began_at=moment, last_at=moment)
    ReadMark.objects.filter(membership=member).update(read_at=moment)
    return moment


@pytest.mark.django_db
def test_who_reads_on_a_page_that_stayed_open_is_here(ada: Membership, mel: Membership, hall: Room) -> None:
    visit(member=mel)
    say(ada, hall)
    mark_read(member=mel, room=hall, sequence=1)
    last = pretend_last_here(mel, timedelta(minutes=30))
    say(ada, hall)
    mark_read(member=mel, room=hall, sequence=2)
    kept = Visit.objects.get()
    assert (kept.began_at, kept.last_at > last) == (last, True), "the same visit goes on"
    last = pretend_last_here(mel, timedelta(hours=6))
    say(ada, hall)
    mark_read(member=mel, room=hall, sequence=3)
    assert page_of(mel).since == last, "after a pause it is a new one"
    assert shown(mel) == [("Hall", True)]


@pytest.mark.django_db
def test_a_newcomer_reads_old_words_room_by_room_and_is_done(
    ada: Membership, mel: Membership, hall: Room, porch: Room
) -> None:
    """What was written before somebody came is as new to them as anything."""
    say(ada, hall)
    say(ada, porch)
    Message.objects.update(created_at=timezone.now() - timedelta(days=30))
    Room.objects.update(history=Room.History.ALL)
    client = signed_in(mel)
    assert "Mark all as read" in client.get("/c/circle/").content.decode()
    mark_read(member=mel, room=hall, sequence=1)
    assert shown(mel) == [("Porch", False), ("Hall", True)]
    mark_read(member=mel, room=porch, sequence=1)
    assert shown(mel) == [("Hall", True), ("Porch", True)]
    text = client.get("/c/circle/").content.decode()
    assert "All read." in text
    assert "Welcome" not in text


@pytest.mark.django_db
def test_what_one_left_unread_for_months_is_an_item_until_the_visit_ends(
    ada: Membership, mel: Membership, hall: Room, porch: Room
) -> None:
    say(ada, hall)
    visit(member=mel)
    returns(mel, timedelta(days=60))
    say(ada, porch)
    page = page_of(mel)
    before = page.since
    assert not page.is_all_since
    assert "rooms have something new for you" in signed_in(mel).get("/c/circle/").content.decode()
    mark_read(member=mel, room=hall, sequence=1)
    assert shown(mel) == [("Porch", False), ("Hall", True)]
    assert page_of(mel).since == before, "since when something is new does not change while one reads"
    returns(mel, timedelta(days=1))
    assert shown(mel) == [("Porch", False)]
    mark_read(member=mel, room=porch, sequence=1)
    returns(mel, timedelta(days=1))
    say(ada, hall)
    assert page_of(mel).is_all_since
    assert "One room has something new since" in signed_in(mel).get("/c/circle/").content.decode()


@pytest.mark.django_db
def test_the_ring_beside_today_has_as_many_arcs_as_there_are_items(
    ada: Membership, mel: Membership, hall: Room, porch: Room
) -> None:
    visit(member=mel)
    for room in (hall, porch):
        say(ada, room)
    for read in ([], [hall], [hall, porch]):
        for room in read:
            mark_read(member=mel, room=room, sequence=1)
        fresh = Membership.objects.select_related("role", "community", "visit").get(pk=mel.pk)
        page = page_of(mel)
        assert Frame(fresh, [], None).arcs == (page.total, page.done) == (2, len(read))


@pytest.mark.django_db
def test_only_rooms_one_may_enter_and_only_within_ones_history(
    circle: Community, ada: Membership, mo: Membership, mel: Membership, gus: Membership, hall: Room, attic: Room
) -> None:
    say(mo, hall, "before")
    say(mo, attic, "hidden")
    assert shown(ada) == [("Hall", False), ("Attic", False)]
    assert shown(mel) == [("Hall", False)]
    assert shown(gus) == []
    late = factories.member(circle, "Late")
    assert shown(late) == []
    text = signed_in(late).get("/c/circle/").content.decode()
    assert "before" not in text
    choose_room_member(room=attic, membership=mel)
    assert shown(mel) == [("Hall", False)]


@pytest.mark.django_db
@pytest.mark.parametrize("rooms", [3, 60])
def test_the_queries_are_constant(
    circle: Community, ada: Membership, mo: Membership, mel: Membership, rooms: int, django_assert_num_queries: Any
) -> None:
    for number in range(rooms):
        place = factories.room(circle, f"Room {number}")
        for author in (ada, mo):
            factories.written_before(author, place, 1)
    client = signed_in(mel)
    client.get("/c/circle/")
    with django_assert_num_queries(8):
        text = client.get("/c/circle/").content.decode()
    assert text.count("data-mark=") - 1 == rooms
    assert text.count('class="todo"') <= 4 * 12


@pytest.mark.django_db
def test_all_read_is_said_and_the_ring_is_closed(ada: Membership, mel: Membership, hall: Room) -> None:
    client = signed_in(mel)
    client.get("/c/circle/")
    say(ada, hall)
    assert "data-closed" not in client.get("/c/circle/").content.decode()
    mark_read(member=mel, room=hall, sequence=1)
    text = client.get("/c/circle/").content.decode()
    assert "All read." in text
    assert len(re.findall(r'class="ring"[^>]*data-closed', text)) == 4  # frame, template of it, head, end


@pytest.mark.django_db
def test_who_comes_for_the_first_time_is_welcomed_and_led_to_rooms(mel: Membership, hall: Room) -> None:
    text = signed_in(mel).get("/c/circle/").content.decode()
    assert "Welcome, Mel" in text
    assert hall.get_absolute_url() in text.partition("<main")[2]


@pytest.mark.django_db
def test_marking_read_reaches_as_far_as_was_shown(
    ada: Membership, mel: Membership, hall: Room, porch: Room, attic: Room
) -> None:
    for room in (hall, porch):
        say(ada, room)
    client = signed_in(mel)
    marks = re.findall(r'name="read" value="([^"]+)"', client.get("/c/circle/").content.decode())
    assert len(set(marks)) == 2
    say(ada, porch)  # after the page was made
    answer = client.post("/c/circle/today/reading/", {"read": [*marks, f"{attic.pk}:1"]})
    assert answer.status_code == 302
    assert shown(mel) == [("Porch", False), ("Hall", True)]
    assert not ReadMark.objects.filter(room=attic).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("mark", ["", "x", "x:1", ":", "1:1:1", f"{NO_ID}:x", f"{NO_ID}:" + "9" * 50])
def test_marks_that_cannot_be_are_no_error_of_the_site(mel: Membership, mark: str) -> None:
    client = signed_in(mel)
    assert client.post("/c/circle/today/reading/", {"read": [mark]}).status_code == 302
    script = client.post("/c/circle/today/reading/", {"read": [mark]}, headers={"Accept": "application/json"})
    assert script.status_code in {204, 422}


@pytest.mark.django_db
def test_words_of_others_are_text(ada: Membership, mel: Membership, hall: Room) -> None:
    say(ada, hall, "`<script>alert(1)</script>` & <b>bold</b>")
    text = signed_in(mel).get("/c/circle/").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;bold&lt;/b&gt;" in text


@pytest.mark.django_db
def test_a_visit_is_remembered_once_per_page_at_most_every_ten_minutes(
    mel: Membership, django_assert_num_queries: Any
) -> None:
    visit(member=mel)
    fresh = Membership.objects.select_related("visit").get(pk=mel.pk)
    with django_assert_num_queries(0):
        visit(member=fresh)
        assert known_visit(fresh) is not None
