"""Every address and every live stream × the whole cast. What is missing in the tables fails."""

import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import User
from communities.actions import ask_to_invite, intervene, invite
from communities.models import Community, Intervention, Membership, Picture, Room
from core import streams
from messaging.actions import Draft, post_messages
from messaging.fragments import fragments
from messaging.live import frame
from messaging.models import Message, ReadMark
from tests.accounts.doors import signed_in_just_now, with_passkey

NO_ID = "00000000-0000-4000-8000-000000000000"
CAST = ("nobody", "olga", "opal", "bert", "gone", "held", "gus", "mute", "bea", "mel", "mo", "ada")
#: Who is inside the circle, in the order of CAST; outside are visitors, outsiders, an operator, the banned, former and
#: suspended people.
OUTSIDE, INSIDE = CAST[1:6], CAST[6:]


@dataclass
class Scene:
    """The circle with one message in each room, and its people."""

    circle: Community
    people: dict[str, User | None]
    places: dict[str, str]

    def id_of(self, who: str) -> str:
        user = self.people[who]
        assert user is not None
        return str(user.pk)

    def client(self, who: str) -> Client:
        # Each from an address of its own: rate limits are another test's subject.
        client, user = Client(REMOTE_ADDR=f"10.{'.'.join(str(part) for part in os.urandom(3))}"), self.people[who]
        if user is not None:
            signed_in_just_now(client, user)
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
    opal: User,
) -> Scene:
    from tests import factories

    gone = factories.member(circle, "Gone")
    Membership.objects.filter(pk=gone.pk).update(left_at="2020-01-01T00:00Z")
    held = factories.member(circle, "Held")
    Membership.objects.filter(pk=held.pk).update(suspended_until="2999-01-01T00:00Z")
    inside = {"ada": ada, "mo": mo, "mel": mel, "bea": bea, "gus": gus, "mute": mute, "bert": bert}
    people: dict[str, User | None] = {name: member.user for name, member in inside.items()}
    people |= {"nobody": None, "olga": olga, "opal": opal, "gone": gone.user, "held": held.user}
    assert set(people) == set(CAST)
    places = {"slug": circle.slug, "mel": str(mel.pk), "gus": str(gus.pk), "gone": str(gone.pk)}
    places |= {"token": invite(community=circle, inviter=ada)[1]}
    for name, room in {"hall": hall, "attic": attic, "porch": porch}.items():
        message = post_messages([Draft(ada, room, uuid.uuid4(), f"in the {name}")])[0]
        assert isinstance(message, Message)
        places |= {name: str(room.pk), f"{name}_message": str(message.pk)}
    mel.picture = Picture.objects.create(webp=b"RIFF")
    mel.save()
    places["picture"], places["device"] = str(mel.picture.pk), "0" * 64
    places["ticket"] = "none.of.ours"
    assert mel.user is not None
    places["passkey"] = str(with_passkey(mel.user).pk)
    places["step"] = "server"
    places["ticket"], places["account"] = "none.of.ours", str(mel.user_id)
    places["invitation"] = str(invite(community=circle, inviter=ada)[0].pk)
    places["asked"] = str(ask_to_invite(community=circle, label="Nora", reason="Why not")[0].pk)
    done = intervene(community=circle, kind=Intervention.Kind.REMOVED, reason="It had to be")
    assert done is not None
    places["intervention"], places["number"] = str(done.pk), str(circle.number)
    return Scene(circle, people, places)


Expected = dict[str, int]
Row = tuple[str, dict[str, str], str, dict[str, str], Expected]


def every(status: int) -> Expected:
    return dict.fromkeys(CAST, status)


def inside(status: int, **others: int) -> Expected:
    """Members get `status`; outsiders 404; visitors are sent to sign in."""
    return {"nobody": 302} | dict.fromkeys(OUTSIDE, 404) | dict.fromkeys(INSIDE, status) | others


def operators(status: int) -> Expected:
    """To everybody who does not run the place there is no such page."""
    return every(404) | {"nobody": 302, "opal": status}


def signed_in(status: int, nobody: int = 302) -> Expected:
    return every(status) | {"nobody": nobody}


def only_mel(status: int) -> Expected:
    return signed_in(404) | {"mel": status}


#: The banned and the suspended learn no more than that an invitation does not work.
KEPT_OUT = {"bert": 404, "held": 404}
ROOM = {"slug": "slug", "room": "hall"}
ATTIC = {"slug": "slug", "room": "attic"}
#: (address, its arguments by name in the scene, method, form) → status of each.
MATRIX: list[Row] = [
    ("home", {}, "get", {}, inside(302, nobody=302, olga=200, opal=200, bert=200, gone=200, held=200)),
    # ---- the way in ----
    ("invitation", {"token": "token"}, "get", {}, every(200) | dict.fromkeys(INSIDE, 302) | KEPT_OUT),
    ("invitation", {"token": "token"}, "post", {"agree": "on"}, every(302) | KEPT_OUT),
    ("enter_invitation", {}, "get", {}, every(200)),
    ("enter_invitation", {}, "post", {"link": "http://testserver/i/some-token/"}, every(302)),
    ("declined", {}, "get", {}, every(200)),
    ("declined", {}, "post", {}, every(302)),
    # nobody of the cast has begun to join
    ("join", {}, "get", {}, signed_in(404)),
    ("join", {}, "post", {"display_name": "New name"}, signed_in(404)),
    # only operators found here; others learn that
    ("new_community", {}, "get", {}, signed_in(403) | {"opal": 200}),
    ("new_community", {}, "post", {"name": ""}, signed_in(403) | {"opal": 422}),
    # people have come: the first rules stand
    ("first_rules", {"slug": "slug"}, "get", {}, inside(403, ada=404)),
    ("first_rules", {"slug": "slug"}, "post", {}, inside(403, ada=404)),
    # ---- a community ----
    ("community", {"slug": "slug"}, "get", {}, inside(200)),
    ("today_reading", {"slug": "slug"}, "post", {}, inside(302)),
    ("search", {"slug": "slug"}, "get", {"q": "in the attic"}, inside(200)),
    ("jump", {"slug": "slug"}, "get", {"q": "in the attic"}, inside(200)),
    ("people", {"slug": "slug"}, "get", {}, inside(200, gus=404)),
    # guests learn of those in their rooms, and of themselves
    ("person", {"slug": "slug", "person": "mel"}, "get", {}, inside(200, gus=404)),
    ("person", {"slug": "slug", "person": "gus"}, "get", {}, inside(200)),
    ("person", {"slug": "slug", "person": "gone"}, "get", {}, inside(404)),
    ("rules", {"slug": "slug"}, "get", {}, inside(200)),
    ("my_membership", {"slug": "slug"}, "get", {}, inside(200)),
    ("my_membership", {"slug": "slug"}, "post", {"display_name": "Ada "}, inside(422, ada=302)),
    ("picture", {"picture": "picture"}, "get", {}, inside(200)),
    ("my_presence", {"slug": "slug"}, "post", {"shows_presence": "on"}, inside(302)),
    ("community_settings", {"slug": "slug"}, "get", {}, inside(403, ada=200)),
    (
        "community_settings",
        {"slug": "slug"},
        "post",
        {"allows_presence": "on", "size_limit": "9"},
        inside(403, ada=302),
    ),
    ("invitations", {"slug": "slug"}, "get", {}, inside(403, mo=200, ada=200)),
    ("invitations", {"slug": "slug"}, "post", {"max_uses": "1", "days": "7"}, inside(403, mo=302, ada=302)),
    ("invitation_slips", {"slug": "slug"}, "get", {}, inside(403, mo=200, ada=200)),
    ("invitation_slips", {"slug": "slug"}, "post", {"days": "7"}, inside(403, mo=200, ada=200)),
    ("revoke_invitation", {"slug": "slug", "invitation": "invitation"}, "post", {}, inside(404, mo=302, ada=302)),
    # what the operators ask is answered by owners; members who do not see the invitation learn of none
    ("consent", {"slug": "slug", "invitation": "asked"}, "post", {"agrees": "yes"}, inside(404, mo=403, ada=302)),
    ("consent", {"slug": "slug", "invitation": "invitation"}, "post", {"agrees": "yes"}, inside(404)),
    ("put_intervention_aside", {"slug": "slug", "intervention": "intervention"}, "post", {}, inside(302)),
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
    ("edition", ROOM | {"message": "hall_message"}, "get", {}, inside(403, gus=404, ada=200)),
    ("edition", ATTIC | {"message": "attic_message"}, "get", {}, inside(404, mo=403, ada=200)),
    ("edition", ROOM | {"message": "hall_message"}, "post", {"text": "x"}, inside(403, gus=404, ada=302)),
    ("edition", ATTIC | {"message": "attic_message"}, "post", {"text": "x"}, inside(404, mo=403, ada=302)),
    ("deletion", ROOM | {"message": "hall_message"}, "get", {}, inside(403, gus=404, ada=200)),
    ("deletion", ATTIC | {"message": "attic_message"}, "get", {}, inside(404, mo=403, ada=200)),
    ("deletion", ROOM | {"message": "hall_message"}, "post", {}, inside(403, gus=404, ada=302)),
    ("deletion", ATTIC | {"message": "attic_message"}, "post", {}, inside(404, mo=403, ada=302)),
    # ---- one's account ----
    ("leave", {}, "get", {}, every(200)),
    ("healthz", {}, "get", {}, every(200)),
    # no worker runs here, and nobody of the cast is told so
    ("readyz", {}, "get", {}, every(503)),
    ("language", {}, "post", {"language": "en"}, every(302)),
    ("account", {}, "get", {}, signed_in(200)),
    ("appearance", {}, "post", {"theme": "dark"}, signed_in(302)),
    ("account_login", {}, "get", {}, signed_in(302, nobody=200)),
    ("account_login", {}, "post", {"login": "x", "way": "code"}, signed_in(302, nobody=422)),
    ("account_request_login_code", {}, "get", {}, signed_in(302, nobody=200)),
    ("account_request_login_code", {}, "post", {"email": "x"}, signed_in(302, nobody=422)),
    # without a code that is waited for
    ("account_confirm_login_code", {}, "get", {}, every(302)),
    ("account_confirm_login_code", {}, "post", {"code": "123456"}, every(302)),
    ("account_logout", {}, "get", {}, signed_in(200)),
    ("account_logout", {}, "post", {}, every(302)),
    ("account_logout_everywhere", {}, "post", {}, every(302)),
    ("end_other_devices", {}, "post", {}, every(302)),
    ("end_device", {"mark": "device"}, "post", {}, every(302)),
    ("cancel_factor_reset", {}, "post", {}, signed_in(302)),
    # with a link that nobody was sent
    ("undo_address_change", {"ticket": "ticket"}, "get", {}, every(404)),
    ("undo_address_change", {"ticket": "ticket"}, "post", {}, every(404)),
    ("end_unknown_device", {"ticket": "ticket"}, "get", {}, every(404)),
    ("end_unknown_device", {"ticket": "ticket"}, "post", {}, every(404)),
    ("shut_out", {"ticket": "ticket"}, "get", {}, every(404)),
    ("shut_out", {"ticket": "ticket"}, "post", {}, every(404)),
    ("refuse_factor_reset", {"ticket": "ticket"}, "get", {}, every(404)),
    ("refuse_factor_reset", {"ticket": "ticket"}, "post", {}, every(404)),
    ("account_inactive", {}, "get", {}, every(200)),
    ("account_signup", {}, "get", {}, signed_in(302, nobody=200)),
    ("account_signup", {}, "post", {"email": "new@example.org"}, signed_in(302, nobody=422)),
    ("account_email_verification_sent", {}, "get", {}, every(302)),
    ("account_email_verification_sent", {}, "post", {"code": "123456"}, every(302)),
    ("account_other_address", {}, "post", {}, every(302)),
    # nobody of the cast has a password that could be asked for: a code is mailed, but mel has a passkey
    ("account_reauthenticate", {}, "get", {}, signed_in(200)),
    ("account_reauthenticate", {}, "post", {}, signed_in(302) | {"mel": 422}),
    ("account_reauthenticate_by_code", {}, "get", {}, every(302)),
    ("account_reauthenticate_by_code", {}, "post", {"code": "123456"}, every(302)),
    # nobody is on the way in
    ("mfa_authenticate", {}, "get", {}, every(302)),
    ("mfa_authenticate", {}, "post", {"code": "123456"}, every(302)),
    ("mfa_login_webauthn", {}, "post", {"credential": "{}"}, every(302)),
    # the passkey in these addresses is mel's, and nobody has an app
    ("mfa_index", {}, "get", {}, signed_in(200)),
    ("mfa_add_webauthn", {}, "get", {}, signed_in(200)),
    ("mfa_add_webauthn", {}, "post", {"name": "Phone", "credential": "{}"}, signed_in(422)),
    ("mfa_edit_webauthn", {"pk": "passkey"}, "get", {}, only_mel(200)),
    ("mfa_edit_webauthn", {"pk": "passkey"}, "post", {"name": "Phone"}, only_mel(302)),
    ("mfa_remove_webauthn", {"pk": "passkey"}, "get", {}, only_mel(200)),
    ("mfa_remove_webauthn", {"pk": "passkey"}, "post", {}, only_mel(302)),
    ("mfa_activate_totp", {}, "get", {}, signed_in(200)),
    ("mfa_activate_totp", {}, "post", {"code": "12"}, signed_in(422)),
    ("mfa_deactivate_totp", {}, "get", {}, signed_in(404)),
    ("mfa_deactivate_totp", {}, "post", {}, signed_in(404)),
    ("mfa_view_recovery_codes", {}, "get", {}, every(302)),
    ("mfa_view_recovery_codes", {}, "post", {}, every(302)),
    ("mfa_generate_recovery_codes", {}, "post", {}, only_mel(302)),
    ("account_email", {}, "get", {}, signed_in(200)),
    ("account_email", {}, "post", {"email": "x", "action_add": ""}, signed_in(422)),
    ("account_change_password", {}, "get", {}, every(302)),
    ("account_change_password", {}, "post", {"oldpassword": "x", "password1": "x"}, every(302)),
    ("account_set_password", {}, "get", {}, signed_in(200)),
    ("account_set_password", {}, "post", {"password1": "x"}, signed_in(422)),
    ("account_reset_password", {}, "get", {}, every(200)),
    ("account_reset_password", {}, "post", {"email": "x"}, every(422)),
    ("account_confirm_password_reset_code", {}, "get", {}, every(302)),
    ("account_confirm_password_reset_code", {}, "post", {"code": "123456"}, every(302)),
    ("account_complete_password_reset", {}, "get", {}, every(302)),
    ("account_complete_password_reset", {}, "post", {"password1": "x"}, every(302)),
    # ---- the first run is over, for everybody ----
    *(
        (name, arguments, method, {}, every(404))
        for name, arguments in (("setup", {}), ("setup_step", {"step": "step"}), ("setup_language", {}))
        for method in ("get", "post")
    ),
    # ---- whoever runs the place ----
    ("operations", {}, "get", {}, operators(200)),
    ("operations_groups", {}, "get", {}, operators(200)),
    ("operations_invitation", {"number": "number"}, "get", {}, operators(200)),
    ("operations_invitation", {"number": "number"}, "post", {"label": "Nora"}, operators(422)),
    ("operations_mail", {}, "get", {}, operators(200)),
    ("operations_mail", {}, "post", {"mail_host": "a b"}, operators(422)),
    ("operations_mail_test", {}, "post", {}, operators(302)),
    ("operations_mail_keep", {}, "post", {}, operators(302)),
    ("refuse_mail_switch", {"ticket": "ticket"}, "get", {}, every(404)),
    ("refuse_mail_switch", {"ticket": "ticket"}, "post", {}, every(404)),
    ("operations_settings", {}, "get", {}, operators(200)),
    *(
        (
            f"operations_{act}",
            {},
            method,
            {"sign_up": "?", "contact": "x" * 501, f"{act}_de": "[[x]]"},
            operators(status),
        )
        for act in ("access", "place", "imprint", "privacy", "terms")
        for method, status in (("get", 200), ("post", 302 if act == "place" else 422))
    ),
    # nobody has written them
    *((kind, {}, "get", {}, every(404)) for kind in ("imprint", "privacy", "terms")),
    ("operations_accounts", {}, "get", {}, operators(200)),
    ("operations_accounts", {}, "post", {"email": "x"}, operators(422)),
    ("operations_account", {"account": "account"}, "get", {}, operators(200)),
    # opal did not sign in just now: they are asked again first
    ("operations_factor_reset", {"account": "account"}, "post", {}, operators(302)),
    ("operations_keep_factors", {"account": "account"}, "post", {}, operators(302)),
]


def row_id(row: Row) -> str:
    return f"{row[0]}-{'-'.join(row[1].values())}-{row[2]}"


def names(patterns: "list[URLPattern | URLResolver]") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns)
        else:
            yield str(pattern.name)


def is_operators(row: Row) -> bool:
    """Whether the page is there for whoever runs the place only."""
    return row[0].startswith("operations")


def url_of(scene: Scene, row: Row) -> str:
    return reverse(row[0], kwargs={key: scene.places[value] for key, value in row[1].items()})


def test_every_address_stands_in_the_matrix() -> None:
    assert set(names(get_resolver().url_patterns)) == {row[0] for row in MATRIX}


@pytest.mark.django_db
def test_every_method_of_every_address_stands_in_the_matrix(scene: Scene) -> None:
    """The addresses themselves are asked which methods they have: with one that none has, by somebody inside."""
    clients, found = {who: scene.client(who) for who in ("ada", "opal")}, set()
    for name, row in {row[0]: row for row in MATRIX}.items():
        refusal = clients["opal" if is_operators(row) else "ada"].generic("PROPFIND", url_of(scene, row))
        assert refusal.status_code == 405, name
        methods = {method.strip().lower() for method in refusal["Allow"].split(",")}
        assert ("head" in methods) == ("get" in methods), name
        found |= {(name, method) for method in methods - {"head"}}
    assert found == {(row[0], row[2]) for row in MATRIX}


@pytest.mark.parametrize("row", MATRIX, ids=row_id)
@pytest.mark.django_db
def test_who_gets_what(scene: Scene, row: Row) -> None:
    """What is got can be asked for its head, with the same answer to everyone."""
    name, _arguments, method, form, expected = row
    assert set(expected) == set(CAST)
    url = url_of(scene, row)
    for way in ("head", "get") if method == "get" else (method,):
        found = {}
        for who in CAST:
            data = form | ({"client_id": str(uuid.uuid4())} if name == "messages" else {})
            answer = getattr(scene.client(who), way)(url, data)
            found[who] = answer.status_code
            # Only faces are kept by browsers, and only by those to whom they were shown.
            kept_nowhere = "no-store" in answer["Cache-Control"]
            assert kept_nowhere != (name == "picture" and answer.status_code == 200), (way, who)
            assert "private" in answer["Cache-Control"], (way, who)
        assert found == expected, way


@pytest.mark.django_db
def test_methods_that_an_address_does_not_have_tell_outsiders_nothing(scene: Scene) -> None:
    """405 inside; outside the same 404 as ever, and visitors are asked to sign in, where the address is of a circle."""
    clients = {who: scene.client(who) for who in CAST}
    for name, row in {row[0]: row for row in MATRIX}.items():
        url, has = url_of(scene, row), {method for of, *_, method, _form, _who in MATRIX if of == name}
        has_not = {"get", "head", "post"} - has - ({"head"} if "get" in has else set())
        for method in sorted(has_not | {"put", "patch", "delete", "options", "propfind"}):
            found = {who: client.generic(method.upper(), url) for who, client in clients.items()}
            statuses = {who: answer.status_code for who, answer in found.items()}
            if "slug" in row[1]:
                assert statuses == inside(405), (name, method)
            elif is_operators(row):
                assert statuses == operators(405), (name, method)
            else:
                assert statuses in (every(405), signed_in(405)), (name, method)
            if statuses["nobody"] == 302:
                assert found["nobody"]["Location"].startswith(reverse("account_login")), (name, method)


@pytest.mark.django_db
def test_a_hidden_room_and_one_that_does_not_exist_answer_alike(scene: Scene) -> None:
    """The same status, the same page, the same number of queries."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def answer(slug: str, room: str, who: str) -> tuple[int, bytes, int]:
        client = scene.client(who)
        client.get(f"/c/{scene.circle.slug}/")  # the first page of a visit takes note of it
        with CaptureQueriesContext(connection) as queries:
            got = client.get(f"/c/{slug}/rooms/{room}/")
        return got.status_code, got.content, len(queries)

    made_up = str(uuid.uuid4())
    slug, attic = scene.circle.slug, scene.places["attic"]
    assert answer(slug, attic, "mel") == answer(slug, made_up, "mel")
    assert answer(slug, attic, "olga") == answer("no-such-circle", made_up, "olga")
    assert answer(slug, attic, "olga")[0] == 404


Frame = dict[str, Any]
PLACES = {"hall": set(INSIDE) - {"gus"}, "attic": {"mo", "ada"}, "porch": set(INSIDE)}
#: (stream, its frame, the same frame with an id that nobody has) → who may subscribe.
STREAMS: list[tuple[str, Callable[[Scene], Frame], Frame, set[str]]] = [
    ("community", lambda scene: {"community": scene.circle.slug}, {"community": "no-such-circle"}, set(INSIDE)),
    *(
        ("room", lambda scene, place=place: {"room": scene.places[place]}, {"room": NO_ID}, allowed)
        for place, allowed in PLACES.items()
    ),
]
#: (handler, what else its frame holds) → whether the muted may, too. Each is asked for each room of PLACES.
HANDLERS: dict[str, tuple[Frame, bool]] = {
    "post": ({"text": "hello"}, False),
    "read": ({"sequence": 1}, True),
}


#: Sign → who of those whom its stream lets in may give it, having chosen it, and who hears it.
SIGNS: dict[str, tuple[set[str], set[str]]] = {
    "here": (set(INSIDE), set(INSIDE) - {"gus"}),
    "typing": (set(INSIDE) - {"mute"}, set(INSIDE)),
}


def test_every_stream_and_handler_stands_in_a_table() -> None:
    assert set(streams.subscriptions) == {row[0] for row in STREAMS}
    assert set(streams.handlers) | set(streams.batch_handlers) == set(HANDLERS)


@pytest.mark.parametrize("has_chosen", [True, False], ids=["chosen", "not-chosen"])
@pytest.mark.parametrize("row", STREAMS, ids=lambda row: f"{row[0]}-{len(row[3])}")
@pytest.mark.django_db
def test_who_may_give_and_hear_which_signs(
    scene: Scene, row: tuple[str, Callable[[Scene], Frame], Frame, set[str]], has_chosen: bool
) -> None:
    """A sign that is in no table fails; so does one that somebody may give who did not choose it."""
    Membership.objects.update(shows_presence=has_chosen, shows_typing=has_chosen)
    kind, frame, _unknown, allowed = row
    giving: dict[str, set[str]] = {}
    hearing: dict[str, set[str]] = {}
    for who in sorted(allowed):
        subscription = streams.subscriptions[kind](scene.id_of(who), frame(scene))
        assert subscription is not None
        for name, sign in subscription.signs.items():
            if isinstance(sign, streams.Sign) or sign.person:
                giving.setdefault(name.partition(":")[0], set()).add(who)
        for stream in subscription.streams:
            if stream.partition(":")[0] in SIGNS:
                hearing.setdefault(stream.partition(":")[0], set()).add(who)
    sign_of = {"community": "here", "room": "typing"}[kind]
    may_give, may_hear = SIGNS[sign_of]
    assert giving == ({sign_of: may_give & allowed} if has_chosen else {})
    assert hearing == {sign_of: may_hear & allowed}


def stream_id(row: tuple[Any, ...]) -> str:
    return f"{row[0]}-{len(row[3])}-may"


@pytest.mark.parametrize("row", STREAMS, ids=stream_id)
@pytest.mark.django_db
def test_who_may_subscribe(scene: Scene, row: tuple[str, Callable[[Scene], Frame], Frame, set[str]]) -> None:
    """Everybody else gets nothing, as for an id that nobody has."""
    kind, frame, unknown, allowed = row
    found = set()
    for who in CAST[1:]:
        subscription = streams.subscriptions[kind](scene.id_of(who), frame(scene))
        assert streams.subscriptions[kind](scene.id_of(who), unknown) is None
        if subscription is not None:
            found.add(who)
            # The answer is made later, and by nobody else's eyes.
            assert not {scene.places["attic"]} & set(subscription.answer().get("unread", ())) or who in PLACES["attic"]
            names = " ".join(subscription.streams)
            assert (scene.places["attic"] in names) <= (who in PLACES["attic"]), who
            assert (scene.places["hall"] in names) <= (who in PLACES["hall"]), who
    assert found == allowed


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", HANDLERS)
@pytest.mark.django_db
def test_who_may_send_what(scene: Scene, kind: str, place: str) -> None:
    """Outsiders are answered as for a room that does not exist, word for word, and leave no trace."""
    more, muted_may = HANDLERS[kind]
    does = PLACES[place] if muted_may else PLACES[place] - {"mute"}
    done = set()
    for who in CAST[1:]:
        before = traces()
        answer = answer_to(kind, scene.id_of(who), {"room": scene.places[place], **more})
        unknown = answer_to(kind, scene.id_of(who), {"room": NO_ID, **more})
        if who not in PLACES[place]:
            assert answer == unknown, who
        elif kind == "post":
            assert answer != unknown, who
        if traces() != before:
            done.add(who)
    assert done == does


def answer_to(kind: str, user_id: str, frame: Frame) -> Any:
    """What the sender is told, without the ids of this very frame."""
    whole = {"type": kind, "client_id": str(uuid.uuid4()), **frame}
    try:
        if kind in streams.batch_handlers:
            answer = streams.batch_handlers[kind]([streams.Asked(user_id, whole, "en")])[0]
        else:
            answer = streams.handlers[kind](user_id, whole)
    except streams.Refused as refusal:
        return str(refusal)
    if isinstance(answer, streams.Refused):
        return str(answer)
    return {key: value for key, value in answer.items() if key != "client_id"}


def traces() -> list[Any]:
    """What frames can change."""
    read = ReadMark.objects.order_by("pk").values_list("membership_id", "room_id", "last_sequence")
    return [Message.objects.count(), list(read)]


@pytest.mark.django_db
def test_two_memberships_of_one_account_cannot_be_joined(scene: Scene, mel: Membership) -> None:
    """Nothing on a page or in a frame of one community occurs in the other, and no account id anywhere."""
    from tests import factories

    assert mel.user is not None
    other = factories.community("harbour")
    twin = factories.member(other, "Someone Else", user=mel.user)
    dock = factories.room(other, "Dock")
    message = post_messages([Draft(mel, Room.objects.get(pk=scene.places["hall"]), uuid.uuid4(), "from mel")])[0]
    outcome = post_messages([Draft(twin, dock, uuid.uuid4(), "from the harbour")])[0]
    assert isinstance(message, Message)
    assert isinstance(outcome, Message)
    Membership.objects.filter(pk__in=[mel.pk, twin.pk]).update(shows_presence=True, shows_typing=True)
    account = {str(mel.user.pk), mel.user.email}
    ids_here, ids_there = account | {str(mel.pk)}, account | {str(twin.pk), twin.display_name, "harbour", "Harbour"}
    told_here, told_there = (str(frame(one, fragments([one], "en")[one])) for one in (message, outcome))
    assert str(mel.pk) in told_here
    assert not {secret for secret in {*ids_here, mel.display_name} if secret in told_there}
    assert not {secret for secret in ids_there if secret in told_here}
    # Every page of the circle, as those see it who see most there.
    seen = 0
    for row in MATRIX:
        if row[2] == "get" and "slug" in row[1]:
            for who in ("ada", "mo", "mel"):
                page = scene.client(who).get(url_of(scene, row)).content.decode()
                # To oneself one's other places are shown, and one's address.
                secrets = ids_there if who != "mel" else {str(mel.user.pk), str(twin.pk)}
                assert not {secret for secret in secrets if secret in page}, (row[0], who)
                seen += mel.display_name in page or str(mel.pk) in page
    assert seen, "mel is on some page"
    # What sockets are told on subscribing, and the names of the streams: mel's own are of one community each.
    for slug, foreign in (("circle", ids_there), ("harbour", ids_here)):
        own = streams.subscriptions["community"](str(mel.user.pk), {"community": slug})
        assert own is not None
        told = str([own.streams, own.answer(), own.signs])
        assert not {secret for secret in foreign - {"Harbour"} if secret in told}
