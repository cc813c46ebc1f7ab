"""Every address and every live stream × the whole cast. What is missing in the tables fails."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import User
from communities.actions import invite
from communities.models import Community, Membership, Room
from core import streams
from messaging.actions import Draft, post_messages
from messaging.models import Message

CAST = ("nobody", "olga", "bert", "gone", "held", "gus", "mute", "bea", "mel", "mo", "ada")
#: Who is inside the circle, in the order of CAST; outside are visitors, outsiders, banned, former, suspended people.
OUTSIDE, INSIDE = CAST[1:5], CAST[5:]


@dataclass
class Scene:
    """The circle with one message in each room, and its people."""

    circle: Community
    people: dict[str, User | None]
    places: dict[str, str]

    def client(self, who: str) -> Client:
        client, user = Client(), self.people[who]
        if user is not None:
            client.force_login(user)
        return client


@pytest.fixture
def scene(
    circle: Community,
    hall: Room,
    attic: Room,
    porch: Room,
    ada: Membership,
    mo: Membership,
    mel: Membership,
    bea: Membership,
    gus: Membership,
    mute: Membership,
    bert: Membership,
    olga: User,
) -> Scene:
    from tests import factories

    gone = factories.member(circle, "Gone")
    Membership.objects.filter(pk=gone.pk).update(left_at="2020-01-01T00:00Z")
    held = factories.member(circle, "Held")
    Membership.objects.filter(pk=held.pk).update(suspended_until="2999-01-01T00:00Z")
    inside = {"ada": ada, "mo": mo, "mel": mel, "bea": bea, "gus": gus, "mute": mute, "bert": bert}
    people: dict[str, User | None] = {name: member.user for name, member in inside.items()}
    people |= {"nobody": None, "olga": olga, "gone": gone.user, "held": held.user}
    assert set(people) == set(CAST)
    places = {"slug": circle.slug, "token": invite(community=circle, inviter=ada)[1]}
    for name, room in {"hall": hall, "attic": attic, "porch": porch}.items():
        message = post_messages([Draft(ada, room, uuid.uuid4(), f"in the {name}")])[0]
        assert isinstance(message, Message)
        places |= {name: str(room.pk), f"{name}_message": str(message.pk)}
    places["invitation"] = str(invite(community=circle, inviter=ada)[0].pk)
    return Scene(circle, people, places)


Expected = dict[str, int]


def every(status: int) -> Expected:
    return dict.fromkeys(CAST, status)


def inside(status: int, **others: int) -> Expected:
    """Members get `status`; outsiders 404; visitors are sent to sign in."""
    return {"nobody": 302} | dict.fromkeys(OUTSIDE, 404) | dict.fromkeys(INSIDE, status) | others


def signed_in(status: int, nobody: int = 302) -> Expected:
    return every(status) | {"nobody": nobody}


ROOM = {"slug": "slug", "room": "hall"}
ATTIC = {"slug": "slug", "room": "attic"}
#: (address, its arguments by name in the scene, method, form) → status of each.
MATRIX: list[tuple[str, dict[str, str], str, dict[str, str], Expected]] = [
    ("home", {}, "get", {}, inside(302, nobody=302, olga=200, bert=200, gone=200, held=200)),
    # ---- the way in ----
    ("invitation", {"token": "token"}, "get", {}, every(200) | dict.fromkeys(INSIDE, 302) | {"bert": 404, "held": 404}),
    ("enter_invitation", {}, "get", {}, every(200)),
    ("declined", {}, "get", {}, every(200)),
    ("join", {}, "get", {}, signed_in(404)),
    # ---- a community ----
    ("community", {"slug": "slug"}, "get", {}, inside(302)),
    ("my_membership", {"slug": "slug"}, "get", {}, inside(200)),
    ("invitations", {"slug": "slug"}, "get", {}, inside(403, mo=200, ada=200)),
    ("revoke_invitation", {"slug": "slug", "invitation": "invitation"}, "post", {}, inside(404, mo=302, ada=302)),
    ("revoke_invitation", {"slug": "slug", "invitation": "invitation"}, "get", {}, inside(405)),
    # ---- rooms ----
    ("rooms", {"slug": "slug"}, "get", {}, inside(200)),
    ("room", ROOM, "get", {}, inside(200, gus=404)),
    ("room", ATTIC, "get", {}, inside(404, mo=200, ada=200)),
    ("room", {"slug": "slug", "room": "porch"}, "get", {}, inside(200)),
    ("messages", ROOM, "get", {}, inside(200, gus=404)),
    ("messages", ATTIC, "get", {}, inside(404, mo=200, ada=200)),
    ("messages", ROOM, "post", {"text": "hello"}, inside(302, gus=404, mute=422)),
    ("messages", ATTIC, "post", {"text": "hello"}, inside(404, mo=302, ada=302)),
    ("changes", ROOM, "get", {}, inside(200, gus=404)),
    ("changes", ATTIC, "get", {}, inside(404, mo=200, ada=200)),
    ("reading", ROOM, "post", {"sequence": "1"}, inside(302, gus=404)),
    ("reading", ATTIC, "post", {"sequence": "1"}, inside(404, mo=302, ada=302)),
    ("message", ROOM | {"message": "hall_message"}, "get", {}, inside(302, gus=404)),
    ("message", ATTIC | {"message": "attic_message"}, "get", {}, inside(404, mo=302, ada=302)),
    # a message under another room's address is not there
    ("message", ROOM | {"message": "attic_message"}, "get", {}, inside(404)),
    ("edition", ROOM | {"message": "hall_message"}, "post", {"text": "x"}, inside(403, gus=404, ada=302)),
    ("edition", ATTIC | {"message": "attic_message"}, "post", {"text": "x"}, inside(404, mo=403, ada=302)),
    ("deletion", ROOM | {"message": "hall_message"}, "post", {}, inside(403, gus=404, ada=302)),
    ("deletion", ATTIC | {"message": "attic_message"}, "post", {}, inside(404, mo=403, ada=302)),
    # ---- one's account ----
    ("language", {}, "post", {"language": "en"}, every(302)),
    ("account", {}, "get", {}, signed_in(200)),
    ("appearance", {}, "post", {"theme": "dark"}, signed_in(302)),
    ("account_login", {}, "get", {}, signed_in(302, nobody=200)),
    ("account_request_login_code", {}, "get", {}, signed_in(302, nobody=200)),
    ("account_confirm_login_code", {}, "get", {}, every(302)),
    ("account_logout", {}, "get", {}, signed_in(200)),
    ("account_inactive", {}, "get", {}, every(200)),
    ("account_signup", {}, "get", {}, signed_in(302, nobody=200)),
    ("account_email_verification_sent", {}, "get", {}, every(302)),
    ("account_other_address", {}, "post", {}, every(302)),
    # nobody of the cast has a password that could be asked for
    ("account_reauthenticate", {}, "get", {}, signed_in(403)),
    ("account_email", {}, "get", {}, signed_in(200)),
    ("account_change_password", {}, "get", {}, every(302)),
    ("account_set_password", {}, "get", {}, signed_in(200)),
    ("account_reset_password", {}, "get", {}, every(200)),
    ("account_confirm_password_reset_code", {}, "get", {}, every(302)),
    ("account_complete_password_reset", {}, "get", {}, every(302)),
]


def names(patterns: "list[URLPattern | URLResolver]") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns)
        else:
            yield str(pattern.name)


def test_every_address_stands_in_the_matrix() -> None:
    assert set(names(get_resolver().url_patterns)) == {row[0] for row in MATRIX}


def row_id(row: tuple[Any, ...]) -> str:
    return f"{row[0]}-{'-'.join(row[1].values())}-{row[2]}"


@pytest.mark.parametrize("row", MATRIX, ids=row_id)
@pytest.mark.django_db
def test_who_gets_what(scene: Scene, row: tuple[str, dict[str, str], str, dict[str, str], Expected]) -> None:
    name, arguments, method, form, expected = row
    assert set(expected) == set(CAST)
    url = reverse(name, kwargs={key: scene.places[value] for key, value in arguments.items()})
    found = {}
    for who in CAST:
        data = form | ({"client_id": str(uuid.uuid4())} if name == "messages" else {})
        found[who] = getattr(scene.client(who), method)(url, data).status_code
    assert found == expected


@pytest.mark.django_db
def test_a_hidden_room_and_one_that_does_not_exist_answer_alike(scene: Scene) -> None:
    """The same status, the same page, the same number of queries."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def answer(slug: str, room: str, who: str) -> tuple[int, bytes, int]:
        client = scene.client(who)
        with CaptureQueriesContext(connection) as queries:
            got = client.get(f"/c/{slug}/rooms/{room}/")
        return got.status_code, got.content, len(queries)

    made_up = str(uuid.uuid4())
    slug, attic = scene.circle.slug, scene.places["attic"]
    assert answer(slug, attic, "mel") == answer(slug, made_up, "mel")
    assert answer(slug, attic, "olga") == answer("no-such-circle", made_up, "olga")
    assert answer(slug, attic, "olga")[0] == 404


#: Stream → (its frame, who may subscribe).
STREAMS: dict[str, tuple[Callable[[Scene], dict[str, str]], set[str]]] = {
    "community": (lambda scene: {"community": scene.circle.slug}, set(INSIDE)),
    "room": (lambda scene: {"room": scene.places["attic"]}, {"mo", "ada"}),
}


def test_every_stream_stands_in_the_table() -> None:
    assert set(streams.subscriptions) == set(STREAMS)


@pytest.mark.parametrize("kind", STREAMS)
@pytest.mark.django_db
def test_who_may_subscribe(scene: Scene, kind: str) -> None:
    frame, allowed = STREAMS[kind]
    found = set()
    for who in CAST[1:]:
        user = scene.people[who]
        assert user is not None
        if streams.subscriptions[kind](str(user.pk), frame(scene)) is not None:
            found.add(who)
    assert found == allowed


@pytest.mark.django_db
def test_two_memberships_of_one_account_cannot_be_joined(scene: Scene, mel: Membership) -> None:
    """Nothing on a page or in a frame of one community occurs in the other, and no account id anywhere."""
    from messaging.live import fragments, frame
    from tests import factories

    assert mel.user is not None
    other = factories.community("harbour")
    twin = factories.member(other, "Someone Else", user=mel.user)
    dock = factories.room(other, "Dock")
    outcome = post_messages([Draft(twin, dock, uuid.uuid4(), "from the harbour")])[0]
    assert isinstance(outcome, Message)
    told = str(frame(outcome, fragments([outcome], "en")[outcome]))
    page = scene.client("ada").get(f"/c/{scene.circle.slug}/rooms/{scene.places['hall']}/").content.decode()
    for secret in (str(mel.user.pk), mel.user.email, str(mel.pk), mel.display_name):
        assert secret not in told
    for secret in (str(mel.user.pk), mel.user.email, str(twin.pk), twin.display_name, "harbour"):
        assert secret not in page
    assert (mel.hue, mel.pk) != (twin.hue, twin.pk)
