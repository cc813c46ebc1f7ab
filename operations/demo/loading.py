"""The demo communities: their files become people, rooms and conversation."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from communities.models import Community, Membership, Picture, Role, Room, RoomMember, Rule, Visit
from core.keys import keyed_hash
from core.models import Installation
from core.text import skeleton, spelling
from messaging import markdown
from messaging.models import Message, ReadMark, RoomLog
from operations.legal import CLOSE, KINDS, OPEN, template

#: Of each community a folder: itself with its people, and each room in a file of its own.
FOLDERS = sorted(path.parent for path in Path(__file__).parent.glob("*/community.json"))
ADDRESS = "{}@demo.example"
#: Who looks at the demo last read a little while ago, so that there is something new.
UNREAD = 4
INVENTED = {
    "de": "Dies ist eine Demo: Alles darin ist erfunden, auch dieser Text.",
    "en": "This is a demo: everything in it is invented, and so is this text.",
}

#: A story's moment: how many days before its last one, and the time on the clock.
Moment = Callable[[int, str], datetime]


def load_demo() -> bool:
    """Load the demo into an empty database. Returns whether it did."""
    with transaction.atomic():
        with connection.cursor() as cursor:  # two first starts at once
            cursor.execute("SELECT pg_advisory_xact_lock(20261122)")
        if Community.objects.exists():
            return False
        for folder in FOLDERS:
            _load(read_story(folder))
        _write_texts()
        _set_up()
    return True


def _write_texts() -> None:
    """Imprint, privacy text and terms as the templates have them: what an operator would fill in stands in brackets."""
    row = Installation.objects.select_for_update().get_or_create(pk=Installation.ROW)[0]
    row.contact = row.contact or ADDRESS.format("post")
    for kind in KINDS:
        for code, said in INVENTED.items():
            name, text = f"{kind}_{code}", template(kind, code).replace(OPEN, "(").replace(CLOSE, ")")
            setattr(row, name, getattr(row, name) or f"> {said}\n\n{text}")
    row.save()


def _set_up() -> None:
    """The demo has been set up; the owners of its communities run it."""
    Installation.objects.get_or_create(pk=Installation.ROW)
    row = Installation.objects.select_for_update().get(pk=Installation.ROW)
    row.set_up_at, row.setup = timezone.now(), {}
    row.save(update_fields=["set_up_at", "setup"])


def read_story(folder: Path) -> dict[str, Any]:
    """A community with its rooms, in its order, and the pictures of its people by their keys."""

    def read(name: str) -> Any:
        return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))

    story: dict[str, Any] = read("community")
    pictures = {file.stem: file.read_bytes() for file in sorted((folder / "pictures").glob("*.webp"))}
    return story | {"rooms": [read(room) for room in story["rooms"]], "pictures": pictures}


def _load(story: dict[str, Any]) -> None:
    from communities.actions import found_community

    community = found_community(
        name=story["name"],
        slug=story["slug"],
        language=story["language"],
        hue=story["hue"],
        purpose=story["purpose"],
        hosting=story["where"],
    )
    for number, rule in enumerate(story["rules"], start=1):
        Rule.objects.create(community=community, number=number, **rule)
    roles = {role.code: role for role in community.roles.all()}
    at = moments_of(story)
    people = {person["key"]: _member(community, roles, person, story, at) for person in story["members"]}
    news = [_room(community, people, place, position, story, at) for position, place in enumerate(story["rooms"])]
    last = min(moment for moment in news if moment) - timedelta(minutes=1)
    visits = (Visit(membership=member, since=last, began_at=last, last_at=last) for member in people.values())
    Visit.objects.bulk_create(visits)


def moments_of(story: dict[str, Any]) -> Moment:
    """Wall-clock times in the site's zone, ending today; yesterday where a part of today's talk has not happened yet.

    The whole story moves: a single message moved by itself would stand before what it answers.
    """
    zone = ZoneInfo(settings.TIME_ZONE)
    now = timezone.now()
    last_day = timezone.localdate(now, zone)

    def at(days_ago: int, clock: str) -> datetime:
        day = last_day - timedelta(days=days_ago)
        return datetime.combine(day, time.fromisoformat(clock), zone).astimezone(UTC)

    lines = [line for place in story["rooms"] for line in place["messages"]]
    if any(at(line["days_ago"], line["time"]) > now for line in lines):
        last_day -= timedelta(days=1)
    return at


def _member(
    community: Community, roles: dict[str, Role], person: dict[str, Any], story: dict[str, Any], at: Moment
) -> Membership:
    address = ADDRESS.format(person["account"])
    user = User.objects.filter(email=address).first()
    if user is None:
        # Whoever answers for a group runs the place, too, as in many a small one.
        user = User.objects.create_user(address, language=story["language"], is_operator=person["role"] == "owner")
    drawn = story["pictures"].get(person["key"])
    return Membership.objects.create(
        community=community,
        user=user,
        role=roles[person["role"]],
        display_name=person["name"],
        name_skeleton=skeleton(person["name"]),
        name_spelling=spelling(person["name"]),
        introduction=person["introduction"],
        picture=Picture.objects.create(webp=drawn) if drawn else None,
        shows_presence=person["is_seen"],
        shows_typing=person["is_seen"],
        joined_at=at(person["joined_days_ago"], "00:00"),
        agreed_to_rules_at=at(person["joined_days_ago"], "00:00"),
    )


def _room(
    community: Community,
    people: dict[str, Membership],
    place: dict[str, Any],
    position: int,
    story: dict[str, Any],
    at: Moment,
) -> datetime | None:
    """Returns when the first of its news was written, if it has any."""
    room = Room.objects.create(
        community=community,
        name=place["name"],
        group_title=place["group"],
        icon=place["icon"],
        purpose=place["purpose"],
        placeholder=place["placeholder"],
        access=place["access"],
        position=position,
        created_at=at(400, "12:00"),
    )
    guests = [p["key"] for p in story["members"] if p["role"] == "guest" and place["key"] in p.get("rooms", [])]
    for key in [*place.get("members", []), *guests]:
        RoomMember.objects.create(room=room, membership=people[key], added_at=people[key].joined_at)
    messages = [_message(room, people, line, number, at) for number, line in enumerate(place["messages"], start=1)]
    Message.objects.bulk_create(messages)
    RoomLog.objects.create(room=room, sequence=len(messages), change=len(messages))
    read = max(0, len(messages) - (UNREAD if position % 2 == 0 else 0))
    ReadMark.objects.bulk_create(_read_mark(room, member, messages, read) for member in people.values())
    return messages[read].created_at if read < len(messages) else None


def _read_mark(room: Room, member: Membership, messages: list[Message], read: int) -> ReadMark:
    """Every second room holds something new."""
    read_at = messages[read - 1].created_at if read else timezone.now()
    return ReadMark(room=room, membership=member, last_sequence=read, read_at=read_at)


def _message(room: Room, people: dict[str, Membership], line: dict[str, Any], number: int, at: Moment) -> Message:
    return Message(
        room=room,
        author=people[line["from"]],
        sequence=number,
        change=number,
        text=line["text"],
        html=markdown.render(line["text"]),
        renderer_version=markdown.VERSION,
        retry_key=keyed_hash("demo", str(room.pk), str(number)),
        created_at=at(line["days_ago"], line["time"]),
    )
