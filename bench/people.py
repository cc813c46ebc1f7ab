"""Makes communities with members who are signed in: `python -m bench.people SLUG COMMUNITIES ROOMS PEOPLE`.

Each community gets so many rooms and, in each of them, so many chosen people of its own. Printed as JSON: one object a
person, with the community's slug, the room's id and the session's key.
"""

import json
import sys
from datetime import timedelta

import django

django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.base import SessionBase  # noqa: E402
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import User  # noqa: E402
from accounts.sessions import SessionStore  # noqa: E402
from communities.actions import choose_room_member, create_room, found_community  # noqa: E402
from communities.models import Membership, Room, RoomMember  # noqa: E402

#: Before the first word that filling.py writes.
LONG_AGO = timezone.now() - timedelta(days=400)


def signed_in(user: User) -> str:
    session: SessionBase = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "accounts.backends.AddressBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


@transaction.atomic
def make(slug: str, communities: int, rooms: int, people: int) -> list[dict[str, str]]:
    made = []
    for number in range(communities):
        place = found_community(name=f"Bench {slug} {number}", slug=f"{slug}-{number}", language="en")
        role = place.roles.get(code="member")
        for room_number in range(rooms):
            room = create_room(community=place, name=f"Room {room_number}", access=Room.Access.CHOSEN)
            for person in range(people):
                name = f"{slug}{number}x{room_number}x{person}"
                user = User.objects.create_user(f"{name}@example.org", language=("de", "en")[person % 2])
                member = Membership.objects.create(
                    community=place,
                    user=user,
                    role=role,
                    display_name=name,
                    name_skeleton=name,
                    name_spelling=name,
                    shows_presence=True,
                    shows_typing=True,
                    joined_at=LONG_AGO,
                )
                choose_room_member(room=room, membership=member)
                made.append({"slug": place.slug, "room": str(room.pk), "session": signed_in(user)})
    # They may see all that filling.py writes, by the dates of the rooms' histories.
    RoomMember.objects.update(added_at=LONG_AGO)
    return made


if __name__ == "__main__":
    print(json.dumps(make(sys.argv[1], *(int(word) for word in sys.argv[2:]))))
