"""Plain functions that make what tests need, through the actions."""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from communities.actions import choose_room_member, create_room, found_community
from communities.models import Community, Membership, Room, Rule
from core.text import skeleton, spelling
from messaging import markdown
from messaging.models import Message, RoomLog


def account(name: str, language: str = "en") -> User:
    return User.objects.create_user(f"{name.lower()}@example.org", language=language)


def community(slug: str) -> Community:
    made = found_community(name=slug.title(), slug=slug, language="en", purpose="Talking.", hosting="At home.")
    Rule.objects.create(community=made, number=1, title="Be kind", text="Even when tired.")
    return made


def member(
    place: Community, name: str, *, role: str = "member", user: User | None = None, rooms: Sequence[Room] = ()
) -> Membership:
    made = Membership.objects.create(
        community=place,
        user=user or account(f"{name}.{place.slug}"),
        role=place.roles.get(code=role),
        display_name=name,
        name_skeleton=skeleton(name),
        name_spelling=spelling(name),
    )
    for chosen in rooms:
        choose_room_member(room=chosen, membership=made)
    return made


def room(place: Community, name: str, *, chosen: Sequence[Membership] = ()) -> Room:
    made = create_room(community=place, name=name, access=Room.Access.CHOSEN if chosen else Room.Access.ALL)
    for one in chosen:
        choose_room_member(room=made, membership=one)
    return made


def written_before(
    author: Membership, room: Room, count: int, *, every: timedelta = timedelta(microseconds=1)
) -> list[Message]:
    """So many messages ("words 1" and on) in a room at once: not through the action, which would take minutes."""
    log, _is_new = RoomLog.objects.get_or_create(room=room)
    numbers = range(log.sequence + 1, log.sequence + count + 1)
    messages = [
        Message(
            room=room,
            author=author,
            sequence=number,
            change=log.change + number - log.sequence,
            text=f"words {number}",
            html=markdown.render(f"words {number}"),
            renderer_version=markdown.VERSION,
            retry_key=uuid.uuid4().hex,
            created_at=timezone.now() - every * (numbers[-1] - number),
        )
        for number in numbers
    ]
    Message.objects.bulk_create(messages, batch_size=1000)
    log.sequence, log.change = log.sequence + count, log.change + count
    log.save()
    return messages
