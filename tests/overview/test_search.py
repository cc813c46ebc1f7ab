"""Search: what was meant is found, in both languages; what one may not read never is."""

import re
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from communities.actions import choose_room_member
from communities.models import Community, Membership, Room
from messaging.actions import delete_message, edit_message
from messaging.models import Message
from messaging.rooms import rooms_of
from overview.excerpts import excerpts
from overview.search import Found, Query, find_messages, find_people, find_rooms
from overview.typed import Term, understand
from tests import factories
from tests.overview.test_today import NO_ID, say, signed_in

pytestmark = pytest.mark.django_db


def found(viewer: Membership, typed: str, **filters: Any) -> list[str]:
    """The texts, newest first."""
    return [message.text for message in look(viewer, typed, **filters).messages]


def look(viewer: Membership, typed: str, most: int = 50, place: Any = None, **filters: Any) -> Found:
    said = understand(typed)
    query = Query(said.terms, said.is_going_on, **filters)
    fresh = Membership.objects.select_related("role", "community", "visit").get(pk=viewer.pk)
    return find_messages(fresh, rooms_of(fresh), query, most=most, place=place)


@pytest.fixture
def ada(circle: Community) -> Membership:
    return factories.member(circle, "Ada Lovelace", role="owner")


@pytest.fixture
def mel(circle: Community) -> Membership:
    return factories.member(circle, "Mel")


@pytest.fixture
def hall(circle: Community) -> Room:
    return factories.room(circle, "Hall")


# ---- Words ----


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("Der Bescheid ist da", "bescheid"),
        ("Zwei Bescheide liegen hier", "Bescheid "),
        ("Er trug zwei Lampen hinaus", "lampe "),
        ("Ich habe die Anträge gestellt", "antrag "),
        ("He was repairing lamps", "repaired "),
        ("Two lamps", "lamp "),
        ("Der Widerspruch", "wid"),
        ("Mira's oil can", "mira"),
        ("It's O'Hara", "o'h"),
        ("**Höherstufung** abgelehnt", "höherst"),
        ("siehe https://example.org/faltblatt", "example.org"),
        ("Termin um 18:30", "18:30"),
        ("and or not", "and"),
        ("und", "und"),
        ("Pflegegrad und Anträge", "anträge pflegegrad "),
        ("eine warme Suppe am Tisch", '"suppe am tisch"'),
        ("eine warme Suppe am Tisch", "„Suppe am“"),
        ("Zwei Lampen im Hof", '"lampe am hof"'),
        ("die Lampe", '"die lampe"'),
        ("Ελλάδα ξ", "ελλ"),
        ("back\\slash'd", "back\\slash'"),
        # What PostgreSQL's own parser takes for a file, a host, a number, a mark, an entity or a letter.
        ("Kaffee/Tee um vier", "tee"),
        ("Kaffee/Tee um vier", "kaffee "),
        ("Kaffee/Tee um vier", "kaffee/tee "),
        ("Sonntag/Montag?", "montag "),
        ("und/oder; er/sie", "sie "),
        ("Mitarbeiter/innen", "mitarbeiter "),
        ("Pflegestufe II/III", "iii "),
        ("Danke.Gern geschehen", "gern "),
        ("Danke.Gern geschehen", "danke "),
        ("Danke…Gern geschehen", "danke "),
        ("von 10-12 Uhr; Bus 5-7", "12 "),
        ("von 10-12 Uhr; Bus 5-7", "7 "),
        ("von 10-12 Uhr; Bus 5-7", "10-12 "),
        ("am 3.4.2026; Tel. 030/1234567", "2026 "),
        ("am 3.4.2026; Tel. 030/1234567", "3.4.2026 "),
        ("am 3.4.2026; Tel. 030/1234567", "1234567 "),
        ("das <Suppe> Ding", "suppe "),
        ("das <Suppe> Ding", "<suppe> "),
        ("Salz&Pfeffer; Tee", "pfeffer "),
        ("mira@example.org", "example.org "),
        ("mira@example.org", "mira@example.org "),
        ("mira@example.org", "mira@exa"),
        ("https://example.org/faltblatt?lang=de", "faltblatt "),
        ("Lena\u2019s Rad", "lena "),
        ("Lena\u2019s Rad", "lena's "),
        ("Lena's Rad", "lena\u2019s "),
        ("„Suppe“ für 100€", "suppe "),
        ("„Suppe“ für 100€", "100 "),
        ("Fu\u0308rsorge", "fürsorge "),
        ("Fürsorge", "fu\u0308rsorge "),
        ("Für\u00adsorge", "fürsorge "),
        ("die Kaffee-Runde", "kaffee-r"),
        ("die Kaffee-Runde", "runde "),
        # By their picture.
        ("Hurra 🎉 endlich", "🎉"),
        ("Hurra🎉 endlich", "hurra "),
        ("Hurra 🎉 endlich", "hurra🎉"),
        ("Ich \u2764\ufe0f euch", "\u2764"),
        ("Gut 👍🏽", "👍🏻"),
        ("bei uns 🇩🇪", "🇩🇪"),
    ],
)
def test_a_word_is_found_in_any_of_its_forms(ada: Membership, hall: Room, text: str, typed: str) -> None:
    say(ada, hall, text)
    say(ada, hall, "something quite different")
    assert found(ada, typed) == [text]


@pytest.mark.parametrize(
    "typed",
    [
        "wid ",
        "tisch suppe bus",
        '"tisch am suppe"',
        '"tisch suppe"',
        '"tisch der"',
        "unterwid",
        "' | '",
        "widx:*",
        "warme-t",
        '"die suppe"',
        "die-t",
        "tisch/suppe ",
        "🎉",
        "suppe🎉",
    ],
)
def test_what_was_not_said_is_not_found(ada: Membership, hall: Room, typed: str) -> None:
    say(ada, hall, "Der Widerspruch und eine warme Suppe am Tisch")
    assert found(ada, typed) == []


@pytest.mark.parametrize(
    "typed", ["<b>", '"<b>"', "&nbsp;", "&amp;", "x://", "https://", "<b> ", "ⁿ ", "\u0301", "!", "\u200d"]
)
def test_a_word_that_nobody_wrote_finds_nothing(ada: Membership, hall: Room, typed: str) -> None:
    say(ada, hall, "something")
    assert found(ada, typed) == []
    assert find_messages(ada, [hall], Query([Term(typed)], is_going_on=True), most=5).messages == []
    assert found(ada, f"something {typed}") == ([] if understand(typed).terms else ["something"])


@pytest.mark.parametrize(
    ("typed", "terms", "filters", "is_going_on"),
    [
        ("suppe", [Term("suppe")], {}, True),
        ("suppe ", [Term("suppe")], {}, False),
        ('"am tisch"', [Term("am tisch")], {}, False),
        ('"am tisch', [Term("am tisch")], {}, False),
        ("from:mira suppe", [Term("suppe")], {"sender": "mira"}, True),
        ('von:"Mira Albrecht" in:küche', [], {"sender": "Mira Albrecht", "room": "küche"}, False),
        ("before: 24.12.2026 nach:1.1.2026", [], {"before": "24.12.2026", "after": "1.1.2026"}, False),
        ("IN:Hall", [], {"room": "Hall"}, False),
        ("from:", [], {}, False),
        ("… !! --", [], {}, False),
        ("has:link", [Term("has:link")], {}, True),
        ("", [], {}, False),
    ],
)
def test_what_is_typed_is_understood(typed: str, terms: list[Term], filters: dict[str, str], is_going_on: bool) -> None:
    said = understand(typed)
    assert (said.terms, said.filters) == (terms, filters)
    assert said.is_going_on is is_going_on


def test_nothing_asked_finds_nothing(ada: Membership, hall: Room) -> None:
    say(ada, hall, "hello")
    assert found(ada, "") == found(ada, "…") == []


def test_edited_and_deleted_words_are_gone_from_the_index(ada: Membership, hall: Room) -> None:
    edited, deleted = say(ada, hall, "pumpkin one"), say(ada, hall, "pumpkin two")
    edit_message(actor=ada, message=edited, text="melon")
    delete_message(actor=ada, message=deleted)
    assert found(ada, "pumpkin") == []
    assert found(ada, "melon") == ["melon"]
    words = Message.objects.defer(None).values_list("words", flat=True)
    assert all("pumpkin" not in one for one in words)


def test_narrowed_by_person_room_and_day(ada: Membership, mel: Membership, hall: Room, circle: Community) -> None:
    porch = factories.room(circle, "Porch")
    Room.objects.update(history=Room.History.ALL)
    say(ada, hall, "tea 1")
    say(mel, hall, "tea 2")
    say(mel, porch, "tea 3")
    moments = {"tea 1": datetime(2026, 3, 1, 23, 30, tzinfo=UTC), "tea 2": datetime(2026, 3, 2, 12, tzinfo=UTC)}
    for text, moment in moments.items():
        Message.objects.filter(text=text).update(created_at=moment)
    assert found(ada, "tea", senders=["mel"]) == ["tea 3", "tea 2"]
    assert found(ada, "tea", senders=["lovel"]) == ["tea 1"]
    assert found(ada, "tea", senders=["ovel"]) == []
    assert found(ada, "tea", senders=["mel", "ada"]) == []
    assert found(ada, "", senders=["%"]) == []
    assert found(ada, "", rooms=[porch]) == ["tea 3"]
    # In Berlin it was the second already.
    assert found(ada, "tea", before=date(2026, 3, 3)) == ["tea 2", "tea 1"]
    assert found(ada, "tea", before=date(2026, 3, 2)) == []
    assert found(ada, "tea", after=date(2026, 3, 1), before=date(2026, 3, 3)) == ["tea 2", "tea 1"]
    assert found(ada, "tea", after=date(2026, 3, 2)) == ["tea 3"]
    for extreme in (date.min, date.max):
        found(ada, "tea", after=extreme, before=extreme)


def test_pages_go_on_where_the_last_one_ended(ada: Membership, hall: Room) -> None:
    factories.written_before(ada, hall, 45)
    # Some in the very same moment.
    Message.objects.filter(sequence__gt=30).update(created_at=timezone.now())
    seen: list[uuid.UUID] = []
    place = None
    for size in (20, 20, 5):
        hits = look(ada, "words", most=20, place=place)
        assert len(hits.messages) == size
        seen += [message.pk for message in hits.messages]
        place = hits.older
    assert place is None
    assert len(set(seen)) == 45


# ---- What one may read ----


def test_closed_rooms_and_what_was_before_stay_closed(ada: Membership, circle: Community, hall: Room) -> None:
    attic = factories.room(circle, "Attic", chosen=[ada])
    since = factories.room(circle, "Since")
    Room.objects.filter(pk=since.pk).update(history=Room.History.SINCE_JOINING)
    Room.objects.exclude(pk=since.pk).update(history=Room.History.ALL)
    for room in (hall, attic, since):
        say(ada, room, f"secret in {room.name}")
    newcomer = factories.member(circle, "Nia")
    guest = factories.member(circle, "Gus", role="guest", rooms=[hall])
    stranger = factories.member(factories.community("other"), "Olga")
    assert found(newcomer, "secret") == ["secret in Hall"]
    assert found(guest, "secret") == found(stranger, "secret") == []
    # Also where somebody says that a room is theirs.
    hits = find_messages(newcomer, [hall, attic, since], Query([Term("secret")]), most=9)
    assert [message.text for message in hits.messages] == ["secret in Hall"]
    say(ada, since, "secret news")
    assert found(newcomer, "secret") == ["secret news", "secret in Hall"]
    choose_room_member(room=attic, membership=newcomer)
    assert "secret in Attic" in found(newcomer, "secret")


WORDS = ["tea", "teas", "suppe", "Suppen", "bus"]
_post = st.tuples(st.integers(0, 2), st.integers(0, 3), st.lists(st.sampled_from(WORDS), min_size=1, max_size=3))
_viewer = st.tuples(st.sampled_from(["member", "guest", "moderator"]), st.integers(0, 9), st.sets(st.integers(0, 3)))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    posts=st.lists(_post, min_size=1, max_size=10),
    gone=st.sets(st.integers(0, 9)),
    access=st.lists(st.sampled_from(Room.Access.values), min_size=4, max_size=4),
    history=st.lists(st.sampled_from(Room.History.values), min_size=4, max_size=4),
    viewer=_viewer,
    word=st.sampled_from([*WORDS, "su", "te", ""]),
    claimed=st.booleans(),
)
def test_search_never_returns_what_visible_to_hides(
    django_db_blocker: object,
    posts: list[tuple[int, int, list[str]]],
    gone: set[int],
    access: list[str],
    history: list[str],
    viewer: tuple[str, int, set[int]],
    word: str,
    claimed: bool,
) -> None:
    """And it returns everything of it that has the word: against a look at each message by itself."""
    place = factories.community(f"c-{uuid.uuid4().hex[:12]}")
    writers = [factories.member(place, f"Writer {number}") for number in range(3)]
    rooms = [factories.room(place, f"Room {number}") for number in range(4)]
    role, joined, chosen = viewer
    member = factories.member(place, "Viewer", role=role)
    start = timezone.now() - timedelta(hours=10)
    Membership.objects.filter(pk=member.pk).update(joined_at=start + timedelta(hours=joined, minutes=30))
    for room, how, since in zip(rooms, access, history, strict=True):
        Room.objects.filter(pk=room.pk).update(access=how, history=since)
    for number in chosen:
        choose_room_member(room=rooms[number], membership=member)
    for number, (author, room_number, words) in enumerate(posts):
        (message,) = factories.written_before(writers[author], rooms[room_number], 1)
        text = "" if number in gone else " ".join(words)
        changed = {"text": text, "html": text, "created_at": start + timedelta(hours=number)}
        if number in gone:
            changed["deleted_at"] = timezone.now()
        Message.objects.filter(pk=message.pk).update(**changed)
    fresh = Membership.objects.select_related("role", "community", "visit").get(pk=member.pk)
    mine = rooms if claimed else rooms_of(fresh)
    query = Query([Term(word)] if word else [], is_going_on=True, rooms=None if word else list(mine))
    hits = {message.pk for message in find_messages(fresh, mine, query, most=50).messages}
    visible = Message.objects.visible_to(fresh).filter(deleted_at=None)
    stem = re.sub("(s|n)$", "", word.lower())
    assert hits == {one.pk for one in visible if any(said.lower().startswith(stem) for said in one.text.split())}


STATES = ["here", "guest", "left", "banned", "suspended", "nameless"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    states=st.lists(st.sampled_from(STATES), max_size=6),
    is_guest=st.booleans(),
    word=st.sampled_from(["t", "ta", "so"]),
)
def test_people_are_never_others_than_those_that_are_presented(
    django_db_blocker: object, states: list[str], is_guest: bool, word: str
) -> None:
    place, elsewhere = (factories.community(f"c-{uuid.uuid4().hex[:12]}") for _ in range(2))
    changes: dict[str, dict[str, Any]] = {
        "left": {"left_at": timezone.now()},
        "banned": {"banned_at": timezone.now()},
        "suspended": {"suspended_until": timezone.now() + timedelta(days=1)},
        "nameless": {"display_name": ""},
    }
    for number, state in enumerate(states):
        one = factories.member(place, f"Someone Tall {number}", role="guest" if state == "guest" else "member")
        Membership.objects.filter(pk=one.pk).update(**changes.get(state, {"display_name": one.display_name}))
    factories.member(elsewhere, "Someone Tall")
    viewer = factories.member(place, "Viewer", role="guest" if is_guest else "member")
    presented = Membership.objects.visible_to(viewer).presented()
    expected = {
        one.pk
        for one in presented
        if any(f" {name}".lower().startswith(f" {word}") for name in one.display_name.split())
    }
    assert {one.pk for one in find_people(viewer, word, most=50)} == expected
    assert len(expected) == (0 if is_guest else sum(state in {"here", "guest", "suspended"} for state in states))


def test_whoever_was_banned_is_not_among_the_people(ada: Membership, hall: Room, client_of_ada: Client) -> None:
    factories.member(ada.community, "Berta")
    bert = factories.member(ada.community, "Bert")
    assert [one.display_name for one in find_people(ada, "ber", most=5)] == ["Bert", "Berta"]
    Membership.objects.filter(pk=bert.pk).update(banned_at=timezone.now())
    assert [one.display_name for one in find_people(ada, "ber", most=5)] == ["Berta"]
    for door in ("search", "jump"):
        page = client_of_ada.get(f"/c/circle/{door}/?q=ber").content.decode()
        assert "Berta" in page
        assert str(bert.pk) not in page


def test_people_and_rooms_are_those_one_may_know_of(ada: Membership, mel: Membership, hall: Room) -> None:
    assert find_people(mel, "mel", most=5) == [mel]
    guest = factories.member(ada.community, "Gus", role="guest")
    left = factories.member(ada.community, "Luke")
    Membership.objects.filter(pk=left.pk).update(left_at=timezone.now())
    assert [one.display_name for one in find_people(mel, "l", most=5)] == ["Ada Lovelace"]
    assert find_people(guest, "ada", most=5) == []
    assert find_people(mel, "", most=5) == []
    assert find_people(mel, "%", most=5) == find_people(mel, "_", most=5) == []
    assert find_rooms([hall], "ha") == [hall]
    assert find_rooms([hall], "al") == []


# ---- What is shown ----


def test_the_words_are_marked_and_the_rest_is_text(ada: Membership, hall: Room) -> None:
    message = say(ada, hall, "<b>Zwei</b> Bescheide & ein **Bescheid** <script>")
    (pieces,) = excerpts([message], [Term("bescheid")], is_going_on=False)
    assert [piece.text for piece in pieces if piece.is_marked] == ["Bescheide", "Bescheid"]
    page = signed_in(ada).get("/c/circle/search/?q=bescheid ").content.decode()
    assert "<mark>Bescheide</mark> &amp; ein <mark>Bescheid</mark> &lt;script&gt;" in page


def test_of_long_messages_the_part_that_matters_is_shown(ada: Membership, hall: Room) -> None:
    message = say(ada, hall, "blah " * 300 + "needle " + "blah " * 300)
    (pieces,) = excerpts([message], [Term("needle")], is_going_on=False)
    assert [piece.text for piece in pieces if piece.is_marked] == ["needle"]
    whole = "".join(piece.text for piece in pieces)
    assert whole.startswith("… blah")
    assert whole.endswith("blah …")
    assert len(whole) < 240
    (unbroken,) = excerpts([say(ada, hall, "x" * 5000)], [Term("y")], is_going_on=False)
    assert len("".join(piece.text for piece in unbroken)) < 240
    assert excerpts([], [Term("y")], is_going_on=True) == []


@pytest.mark.parametrize(
    ("text", "typed", "marked"),
    [
        ("Kaffee in Ruhe, dann die Kaffee-Runde", "kaffee-r", ["Kaffee", "Runde"]),
        ("org chart at example.org", "example.org", ["example", "org"]),
        ("Runde um Runde", "rund", ["Runde", "Runde"]),
        ("Am Tisch: eine Suppe am Tisch", '"suppe am tisch"', ["Suppe", "am", "Tisch"]),
        ("two lamps and a lamp", "lamp ", ["lamps", "lamp"]),
        ("Fu\u0308rsorge", "fürsorge ", ["Fu\u0308rsorge"]),
        ("Hurra 🎉 🎊", "🎉", ["🎉"]),
        ("Hurra 🎉", "hur🎉", ["Hurra", "🎉"]),
        ("und die anderen", "die ", ["die"]),
        ("Zwei Lampen im Hof", '"lampe am hof"', ["Lampen", "Hof"]),
    ],
)
def test_what_is_marked_is_what_was_found(
    ada: Membership, hall: Room, text: str, typed: str, marked: list[str]
) -> None:
    message, said = say(ada, hall, text), understand(typed)
    assert found(ada, typed) == [text]
    (pieces,) = excerpts([message], said.terms, is_going_on=said.is_going_on)
    assert [piece.text for piece in pieces if piece.is_marked] == marked


# ---- Pages ----


@pytest.fixture
def client_of_ada(ada: Membership) -> Client:
    return signed_in(ada)


@pytest.mark.parametrize("door", ["search", "jump"])
@pytest.mark.parametrize("count", [2, 18])
def test_the_queries_are_constant(
    ada: Membership,
    circle: Community,
    count: int,
    door: str,
    client_of_ada: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(count):
        room = factories.room(circle, f"Tea {number}")
        say(factories.member(circle, f"Tea Drinker {number}"), room, "tea")
    address = f"/c/circle/{door}/?q=tea"
    client_of_ada.get(address)
    # Session, account, membership; rooms; where the messages are, and what they say; the forms of their words; people.
    with django_assert_num_queries(8):
        answer = client_of_ada.get(address)
    assert answer.content.decode().count("<mark>") == (min(count, 20) if door == "search" else min(count, 5))


@pytest.mark.parametrize(
    ("address", "wrong"),
    [
        ("q=in:nowhere", "You know no room"),
        ("q=before:someday", "Write the day"),
        ("q=after:31.2.2026", "Write the day"),
        ("q=" + "a+" * 9, "Eight words"),
        ("q=" + "a" * 201, "200"),
        ("q=%00", "cannot be looked for|Null characters"),
        (f"q=tea&in={NO_ID}", "no such choice"),
        ("q=tea&before=2026-02-31", "Write the day like this: 2026-12-24"),
        ("q=tea&from=%01", "cannot be looked for"),
        ("q=%21%21", "nothing in it to look for"),
        ("q=%E2%80%A6", "nothing in it to look for"),
    ],
)
def test_what_cannot_be_understood_is_said_beside_the_field(
    client_of_ada: Client, hall: Room, address: str, wrong: str
) -> None:
    answer = client_of_ada.get(f"/c/circle/search/?{address}")
    assert answer.status_code == 422
    assert re.search(wrong, answer.content.decode())


@pytest.mark.parametrize(
    "older",
    [
        "x",
        "_",
        "2026-01-01_x",
        f"2026-01-01T00:00:00_{NO_ID}",
        "9" * 40,
        f"0001-01-01T00:00:00+23:59_{NO_ID}",
        f"9999-12-31T23:59:59-23:59_{NO_ID}",
    ],
)
def test_a_place_that_is_none_is_the_beginning(client_of_ada: Client, ada: Membership, hall: Room, older: str) -> None:
    say(ada, hall, "tea")
    answer = client_of_ada.get("/c/circle/search/", {"q": "tea", "older": older})
    assert "<mark>tea</mark>" in answer.content.decode()


@pytest.mark.parametrize("at", ["2026-01-01T00:00:00+23:59", "2026-01-01T00:00:00+01:02:03.5"])
def test_a_place_in_an_odd_zone_is_a_place(client_of_ada: Client, ada: Membership, hall: Room, at: str) -> None:
    Room.objects.update(history=Room.History.ALL)
    Message.objects.filter(pk=say(ada, hall, "tea").pk).update(created_at=datetime(2025, 12, 1, tzinfo=UTC))
    say(ada, hall, "tea")
    answer = client_of_ada.get("/c/circle/search/", {"q": "tea", "older": f"{at}_{NO_ID}"})
    assert answer.content.decode().count("<mark>tea</mark>") == 1


def test_older_ones_have_an_address_that_keeps_the_rest(client_of_ada: Client, ada: Membership, hall: Room) -> None:
    factories.written_before(ada, hall, 30)
    first = client_of_ada.get("/c/circle/search/", {"q": "words", "from": "ada"}).content.decode()
    link = re.search(r'href="(\?[^"]+older=[^"]+)"', first)
    assert link
    second = client_of_ada.get("/c/circle/search/" + link[1].replace("&amp;", "&")).content.decode()
    assert (first.count("<mark>"), second.count("<mark>")) == (20, 10)
    assert 'value="ada"' in second


def test_too_many_searches_wait(client_of_ada: Client, hall: Room) -> None:
    answers = [client_of_ada.get("/c/circle/jump/?q=tea").status_code for _ in range(41)]
    assert answers == [200] * 40 + [429]
    page = client_of_ada.get("/c/circle/search/?q=tea")
    assert (page.status_code, page["Retry-After"]) == (429, "20")
    assert "Wait a moment" in page.content.decode()
    assert client_of_ada.get("/c/circle/search/").status_code == 200


def test_the_palette_offers_rooms_before_anything_is_typed(client_of_ada: Client, hall: Room) -> None:
    page = client_of_ada.get("/c/circle/jump/").content.decode()
    assert re.search(r'role="option"[^>]*>.*Hall', page, re.DOTALL)
    wrong = client_of_ada.get("/c/circle/jump/?q=in:nowhere").content.decode()
    assert "You know no room" in wrong
    nothing = client_of_ada.get("/c/circle/jump/?q=!!").content.decode()
    assert "nothing in it to look for" in nothing
    assert "Hall" not in nothing
    for half_typed in ("in:", '"'):
        assert "Hall" in client_of_ada.get("/c/circle/jump/", {"q": half_typed}).content.decode()


def test_one_letter_in_the_palette_is_no_search_of_messages(
    client_of_ada: Client, ada: Membership, circle: Community
) -> None:
    say(ada, factories.room(circle, "Tea"), "tea 🎉 5")
    one = client_of_ada.get("/c/circle/jump/?q=t").content.decode()
    assert "Tea" in one
    assert "<mark>" not in one
    for typed in ("te", "t ", "in:tea t", "🎉", "5 tea"):
        page = client_of_ada.get("/c/circle/jump/", {"q": typed}).content.decode()
        assert ("<mark>" in page) is (typed != "t ")
    assert "<mark>tea</mark>" in client_of_ada.get("/c/circle/search/?q=t").content.decode()


def test_an_emoji_is_found_or_it_is_said_that_it_is_not(client_of_ada: Client, ada: Membership, hall: Room) -> None:
    assert "Nothing found" in client_of_ada.get("/c/circle/search/?q=🎉").content.decode()
    say(ada, hall, "Hurra 🎉")
    assert "<mark>🎉</mark>" in client_of_ada.get("/c/circle/search/?q=🎉").content.decode()
