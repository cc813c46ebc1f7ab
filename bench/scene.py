"""Makes what the part `browser` looks at: `python -m bench.scene`, a circle with something of everything.

Printed as JSON (`Scene`): who is signed in by which session, and every address of the site with its parameters filled.
"""

import json
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import django

django.setup()

from django.http import HttpRequest  # noqa: E402
from django.urls import URLPattern, URLResolver, get_resolver, reverse  # noqa: E402

from accounts.models import User  # noqa: E402
from bench import filling  # noqa: E402
from bench.client import PASSWORD  # noqa: E402
from bench.people import LONG_AGO, signed_in  # noqa: E402
from communities.actions import choose_room_member, create_room, found_community, invite  # noqa: E402
from communities.models import Community, Membership, Room, RoomMember, Rule  # noqa: E402
from config import pages  # noqa: E402
from core.text import skeleton, spelling  # noqa: E402
from messaging.actions import Draft, delete_message, edit_message, mark_read, post_messages  # noqa: E402
from messaging.models import Message  # noqa: E402

NAMES = ("Ada", "Mel", "Bo", "Mira", "Tomasz", "Ines")
TEXTS = (
    "**Saturday, three o'clock.** Bring:\n\n- gloves\n- a `10 mm` key\n- patience",
    "> Who has the long ladder?\n\nI do. <https://example.org/ladders?of=wood&long=yes>",
    "```\nfor chair in chairs:\n    carry(chair)\n```",
    "1. first\n2. then *that*\n\n~~not this~~",
    "this will be gone",
    "this will be changed",
    "The last word, with an emoji 🪜 and äöü.",
)


@dataclass
class Scene:
    """`sessions`: by who; `addresses`: by name of the pattern; `broken`: pages of a site that fails, by status."""

    sessions: dict[str, str]
    addresses: dict[str, str]
    token: str
    crowded: str
    broken: dict[str, str]


def member(place: Community, name: str, role: str, password: str | None = None) -> Membership:
    return Membership.objects.create(
        community=place,
        user=User.objects.create_user(f"{name.lower()}@example.org", language="en", password=password),
        role=place.roles.get(code=role),
        display_name=name,
        name_skeleton=skeleton(name),
        name_spelling=spelling(name),
        introduction=f"{name}, third floor.",
        joined_at=LONG_AGO,
    )


def talk(room: Room, everybody: list[Membership]) -> Message:
    """Sixty messages from long ago, and of each shape one. The first has yet to read the last three, the second none.

    Returns: a message of the first person.
    """
    for one in everybody:
        choose_room_member(room=room, membership=one)
    RoomMember.objects.update(added_at=LONG_AGO)
    filling.fill(room, 60)
    said = []
    for number, text in enumerate(TEXTS):
        outcome = post_messages([Draft(everybody[number % 2], room, uuid.uuid4(), text)])[0]
        assert isinstance(outcome, Message)
        said.append(outcome)
    delete_message(actor=said[4].author, message=said[4])
    edit_message(actor=said[5].author, message=said[5], text="changed")
    mark_read(member=everybody[0], room=room, sequence=said[-4].sequence)
    mark_read(member=everybody[1], room=room, sequence=said[-1].sequence)
    return said[0]


def build() -> Scene:
    place = found_community(
        name="Lindenhof", slug="lindenhof", language="en", purpose="A house, a yard and who lives there.", hosting="Bo."
    )
    Rule.objects.create(community=place, number=1, title="Be kind", text="Even when tired.")
    Rule.objects.create(community=place, number=2, title="What is said here stays here", text="")
    roles = {"Ada": "owner", "Bo": "moderator"}
    passwords = {"Bo": PASSWORD}
    everybody = [member(place, name, roles.get(name, "member"), passwords.get(name)) for name in NAMES]
    yard = create_room(community=place, name="Yard", purpose="Who waters, who repairs, who has the ladder.")
    create_room(community=place, name="Kitchen", purpose="Recipes and leftovers.")
    own = talk(yard, everybody)
    ada = everybody[0]
    note = "We met at the well. Come and look around."
    made, token = invite(community=place, inviter=ada, label="Nia", note=note, max_uses=9)
    crowded = invite(community=place)[1]
    guest = member(place, "Gus", "guest")
    places = {"slug": place.slug, "room": yard.pk, "message": own.pk, "person": everybody[1].pk}
    places |= {"invitation": made.pk, "token": token, "picture": uuid.uuid4(), "mark": "0" * 64}
    outsider = User.objects.create_user("olga@example.org", language="en")
    people = {"owner": ada, "member": everybody[1], "moderator": everybody[2], "guest": guest}
    sessions = {who: signed_in(one.user) for who, one in people.items() if one.user}
    return Scene(
        sessions=sessions | {"outsider": signed_in(outsider)},
        addresses=dict(addresses(get_resolver().url_patterns, places)),
        token=token,
        crowded=crowded,
        broken={
            "400": pages.bad_request(HttpRequest()).content.decode(),
            "500": pages.server_error(HttpRequest()).content.decode(),
            "503": pages.unreachable(HttpRequest()).content.decode(),
        },
    )


def addresses(patterns: list[Any], places: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Every name with its address; "" where a parameter is not known here."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, places)
        elif isinstance(pattern, URLPattern) and pattern.name:
            wanted = pattern.pattern.converters
            known = all(name in places for name in wanted)
            yield pattern.name, reverse(pattern.name, kwargs={name: places[name] for name in wanted}) if known else ""


if __name__ == "__main__":
    print(json.dumps(asdict(build())))
