"""Messages are found newest first, whatever the way there: pages have no gaps and nothing twice."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.migrations import AlterField
from django.db.migrations.loader import MigrationLoader
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from communities.models import Community, Membership, Room
from messaging import finding
from messaging.finding import Place, Said, newest
from messaging.models import Message
from messaging.words import VERSION, WordsField, bare, pieces_of, signs_of
from tests import factories

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def short_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a handful of messages needs every way of looking."""
    monkeypatch.setattr(finding, "_STRETCHES", ((3, 1, 3), (6, 2, 4)))


_said = st.sampled_from(["tea", "tea bus", "bus", "teapot"])
_posts = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 5), _said, st.booleans()), max_size=25)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    posts=_posts,
    since=st.lists(st.integers(0, 3), min_size=3, max_size=3),
    words=st.sampled_from([[], ["tea"], ["te", "bus"], ["bus"], ["never"], ["bus", "t"]]),
    author=st.sampled_from([None, 0, 1]),
    most=st.integers(1, 7),
)
def test_pages_have_no_gaps_and_nothing_twice(
    short_stretches: None,
    django_db_blocker: object,
    posts: list[tuple[int, int, str, bool]],
    since: list[int],
    words: list[str],
    author: int | None,
    most: int,
) -> None:
    """Against a look at each message by itself; many were written in the very same moment."""
    place = factories.community(f"c-{uuid.uuid4().hex[:12]}")
    authors = [factories.member(place, f"Writer {number}") for number in range(2)]
    rooms = [factories.room(place, f"Room {number}") for number in range(3)]
    for number, (room, hour, text, is_deleted) in enumerate(posts):
        (message,) = factories.written_before(authors[number % 2], rooms[room], 1)
        gone = {"text": "", "html": "", "deleted_at": START} if is_deleted else {"text": text}
        Message.objects.filter(pk=message.pk).update(created_at=START + timedelta(hours=hour), **gone)
    starts = {room.pk: START + timedelta(hours=hour) for room, hour in zip(rooms, since, strict=True)}
    said = [Said(word, is_begun=number == len(words) - 1) for number, word in enumerate(words)]
    who = None if author is None else [authors[author].pk]
    expected = sorted(
        (
            (message.created_at, message.pk)
            for message in Message.objects.filter(room__in=rooms, deleted_at=None)
            if message.created_at >= starts[message.room_id]
            and (who is None or message.author_id in who)
            and _says(message.text.split(), words)
        ),
        reverse=True,
    )
    pages: list[Place] = []
    while page := newest(starts, said, authors=who, before=pages[-1] if pages else finding.NOW, most=most):
        pages += page
        assert len(page) == most or pages == expected
    assert pages == expected


def _says(text: Sequence[str], words: Sequence[str]) -> bool:
    whole, begun = words[:-1], words[-1:]
    return all(word in text for word in whole) and all(any(one.startswith(word) for one in text) for word in begun)


def test_other_rooms_are_not_looked_into(ada: Membership, hall: Room, porch: Room, short_stretches: None) -> None:
    factories.written_before(ada, hall, 20)
    mine = factories.written_before(ada, porch, 20)
    found = newest({porch.pk: START}, [Said("words 1")], most=50)
    assert {message for _, message in found} == {mine[0].pk}


@pytest.mark.usefixtures("short_stretches")
@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("Lampen im H", "lampe-am-h"),
        ("Lampe Herd", "lampe-h"),
        ("Lampe Herd", "lampe"),
        ("Lampe Herd", "h"),
        ("🎉 Lampen", "lampen 🎉"),
    ],
)
def test_the_index_finds_what_a_look_finds(ada: Membership, hall: Room, text: str, typed: str) -> None:
    """A short beginning is not asked of the index, and what is asked instead has to find no less."""
    old, _ = factories.written_before(ada, hall, 2)
    Message.objects.filter(pk=old.pk).update(text=text)
    assert [message for _, message in newest({hall.pk: START}, [Said(typed, is_begun=True)], most=5)] == [old.pk]
    factories.written_before(ada, hall, 20)
    assert [message for _, message in newest({hall.pk: START}, [Said(typed, is_begun=True)], most=5)] == [old.pk]


@pytest.mark.usefixtures("short_stretches")
def test_what_is_empty_matches_nothing_in_every_way(ada: Membership, hall: Room) -> None:
    factories.written_before(ada, hall, 20)
    for text in ("", "\u0301", "<>", "ⁿ"):
        assert newest({hall.pk: START}, [Said(text)], most=50) == []
        assert newest({hall.pk: START}, [Said("words"), Said(text, is_begun=True)], most=50) == []


def test_words_are_told_apart_as_in_the_index() -> None:
    assert pieces_of("Kaffee/Tee: „Fu\u0308r\u00adsorge“ 🎉x 👍🏽 ...") == ["Kaffee", "Tee", "Fürsorge", "x"]
    assert signs_of("Kaffee 🎉x 👍🏽 ❤️") == ["🎉", "👍", "❤"]
    assert bare("a\u200db") == "ab"


# ---- The column ----


def test_the_column_is_made_as_the_code_says(circle: Community) -> None:
    """Changed words.py? Then VERSION goes up, and a migration says the new SQL: decision 0010."""
    field = Message._meta.get_field("words")
    assert isinstance(field, WordsField)
    made, _ = field.generated_sql(connection)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE fresh (text text, room_id uuid, words tsvector GENERATED ALWAYS AS ({made}) STORED)"
        )
        cursor.execute(
            "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef"
            " JOIN pg_attribute ON (attrelid, attnum) = (adrelid, adnum)"
            " WHERE attname = 'words' AND adrelid IN ('messaging_message'::regclass, 'fresh'::regclass)"
        )
        database, code = (expression for (expression,) in cursor.fetchall())
    assert database == code


def test_another_version_is_a_migration_that_does_not_write_itself(db: None) -> None:
    """Django would alter the column by what the code says at that time; it has to be said in SQL."""
    before = MigrationLoader(connection).project_state()
    alter = AlterField("message", "words", WordsField(version=VERSION + 1))
    assert WordsField().deconstruct() != WordsField(version=VERSION + 1).deconstruct()
    after = before.clone()
    alter.state_forwards("messaging", after)
    with connection.schema_editor() as editor, pytest.raises(ValueError, match="GeneratedField"):
        alter.database_forwards("messaging", editor, before, after)
