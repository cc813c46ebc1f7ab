"""The demo's conversations, whatever the hour at which somebody first looks at them; and that they can have been so."""

import io
from datetime import UTC, datetime

import pytest
from django.utils import timezone
from PIL import Image

from communities.models import Membership, Room
from messaging.models import Message
from operations.demo.loading import FOLDERS, load_demo, read_story

SIX_WEEKS = 42
STORIES = {folder.name: read_story(folder) for folder in FOLDERS}


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 11, 22, 23, 10, tzinfo=UTC),  # ten past midnight in Berlin
        datetime(2026, 11, 23, 4, 30, tzinfo=UTC),
        datetime(2026, 11, 23, 11, 0, tzinfo=UTC),
        datetime(2026, 11, 23, 22, 58, tzinfo=UTC),
    ],
    ids=["at ten past midnight", "early", "at noon", "late"],
)
@pytest.mark.django_db
def test_a_conversation_runs_forward_and_ends_before_now(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: now)
    assert load_demo()
    rooms = Room.objects.all()
    assert len(rooms) == 20
    for room in rooms:
        moments = list(Message.objects.filter(room=room).order_by("sequence").values_list("created_at", flat=True))
        assert moments == sorted(moments), room.name
        assert all(moment <= now for moment in moments), room.name
    newest = Message.objects.latest("created_at").created_at
    assert (now - newest).days < 1, "somebody talked within a day"
    assert not Membership.objects.filter(joined_at__gt=now).exists()
    assert Membership.objects.exclude(picture=None).count() == sum(len(story["pictures"]) for story in STORIES.values())


@pytest.mark.parametrize(("name", "people"), [("atempause", 42), ("tidewater", 28)])
def test_ten_rooms_hold_six_weeks_of_talk_by_most_of_the_people(name: str, people: int) -> None:
    story = STORIES[name]
    lines = [line for room in story["rooms"] for line in room["messages"]]
    assert (len(story["members"]), len(story["rooms"])) == (people, 10)
    assert max(line["days_ago"] for line in lines) == SIX_WEEKS
    assert len({line["from"] for line in lines}) > people * 0.9
    assert all(len(room["messages"]) > 25 for room in story["rooms"])


@pytest.mark.parametrize("name", STORIES)
def test_people_write_where_they_may_and_after_they_joined(name: str) -> None:
    story = STORIES[name]
    joined = {person["key"]: person["joined_days_ago"] for person in story["members"]}
    guests = {person["key"]: person.get("rooms", []) for person in story["members"] if person["role"] == "guest"}
    for room in story["rooms"]:
        for line in room["messages"]:
            who = line["from"]
            assert line["days_ago"] <= joined[who], (room["key"], line)
            assert room["access"] == "all" or who in room["members"], (room["key"], line)
            assert room["key"] in guests.get(who, [room["key"]]), (room["key"], line)


@pytest.mark.parametrize("name", STORIES)
def test_pictures_are_small_and_belong_to_somebody(name: str) -> None:
    story = STORIES[name]
    assert len(story["pictures"]) > 10
    assert set(story["pictures"]) < {person["key"] for person in story["members"]}
    for key, webp in story["pictures"].items():
        image = Image.open(io.BytesIO(webp))
        assert (image.format, image.size) == ("WEBP", (256, 256)), key
        assert not image.info.keys() & {"exif", "xmp", "icc_profile"}, key
        assert len(webp) < 6_000, key
