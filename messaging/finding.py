"""Finds messages by their words, newest first, at a cost that does not grow with what was written (decision 0010)."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from messaging.words import CONFIGS, ROOM, pieces_of, signs_of

# A lexeme that no text has: no word is a blank. What PostgreSQL's parser drops leaves an empty query, which would
# vanish from whatever it is joined with.
_NOBODYS = "$$' '$$::tsquery"


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that a message has to say: words in their order, each in any of its forms; and signs, anywhere."""

    text: str
    #: The last word may go on.
    is_begun: bool = False

    @property
    def beginning(self) -> str:
        """What the last word begins with; "" where it is whole."""
        return pieces[-1] if self.is_begun and (pieces := pieces_of(self.text)) else ""

    def query(self) -> tuple[str, list[str]]:
        """As SQL, and what is to be filled in. One that is empty matches nothing, whatever it is joined with."""
        pieces = pieces_of(self.text)
        signs = [_lexeme(sign) for sign in signs_of(self.text)]
        if not pieces:
            return " && ".join(["%s::tsquery"] * len(signs)) or _NOBODYS, signs
        asked = [_phrase(config) for config in CONFIGS]
        values = [pieces[0], pieces[-1], " ".join(pieces)] * len(CONFIGS)
        if self.beginning:
            asked.append("to_tsquery('simple', %s)")
            values.append(" <-> ".join(map(_lexeme, pieces)) + ":*")
        return " && ".join([f"({' || '.join(asked)} || {_NOBODYS})", *["%s::tsquery"] * len(signs)]), [*values, *signs]


def _phrase(config: str) -> str:
    """What begins or ends with a stop word is only found as it stands: the language would leave that word away."""
    edges = " AND ".join([f"numnode(plainto_tsquery('{config}', %s)) > 0"] * 2)
    return f"CASE WHEN {edges} THEN phraseto_tsquery('{config}', %s) ELSE ''::tsquery END"


def _lexeme(word: str) -> str:
    return f"'{word}'"


#: Where a message stands among others: newest first, and in the same moment by its id.
Place = tuple[datetime, uuid.UUID]
NOW = datetime.max.replace(tzinfo=UTC), uuid.UUID(int=2**128 - 1)

#: How many messages are looked at one by one, newest first, before the index is asked: first few, then more. Shape: in
#: all, and at least and at most in one room.
_STRETCHES = ((2_000, 50, 2_000), (20_000, 500, 10_000))
#: Units: characters. So many words begin alike that the index is slower than a look at what the other words find.
_SHORT = 2


def newest(
    rooms: Mapping[uuid.UUID, datetime],
    said: Sequence[Said],
    *,
    authors: Collection[uuid.UUID] | None = None,
    before: Place = NOW,
    most: int,
) -> list[Place]:
    """Where the newest messages stand that say all of it, at most so many; deleted ones not. Three queries at most.

    What many say is found among the last few thousand messages, whatever their number; the index, which would have to
    gather all who ever said it, is asked for what is rare. Who may read them is not asked here.

    Shape: `rooms` with the moment from which on; there has to be one.
    """
    if authors is not None and not authors:
        return []
    for messages, at_least, at_most in _STRETCHES:
        depth = min(max(messages // len(rooms), at_least), at_most)
        found, is_all = _in_stretch(rooms, said, authors, before, most, depth)
        if is_all or len(found) == most:
            return found
    return _in_index(rooms, said, authors, before, most)


def _in_stretch(
    rooms: Mapping[uuid.UUID, datetime],
    said: Sequence[Said],
    authors: Collection[uuid.UUID] | None,
    before: Place,
    most: int,
    depth: int,
) -> tuple[list[Place], bool]:
    """Down to the moment at which the first room has more than `depth` messages; and whether none has."""
    where, values = _conditions(said, authors, before)
    statement = f"""
        WITH within AS MATERIALIZED (SELECT * FROM unnest(%s::uuid[], %s::timestamptz[]) AS r (id, since)),
        stretch AS MATERIALIZED (
            SELECT max(last.created_at) AS since FROM within, LATERAL (
                SELECT created_at FROM messaging_message
                WHERE room_id = within.id AND created_at >= within.since AND created_at <= %s
                ORDER BY created_at DESC OFFSET %s LIMIT 1
            ) AS last
        )
        SELECT stretch.since IS NULL, found.created_at, found.id FROM stretch LEFT JOIN LATERAL (
            SELECT one.* FROM within, LATERAL (
                SELECT id, created_at FROM messaging_message
                WHERE room_id = within.id AND created_at >= greatest(within.since, stretch.since) AND {where}
                ORDER BY created_at DESC, id DESC LIMIT %s
            ) AS one
            ORDER BY created_at DESC, id DESC LIMIT %s
        ) AS found ON true
        ORDER BY found.created_at DESC, found.id DESC
    """  # noqa: S608  # nosec B608: put together from constants
    rows = _ask(statement, [*_arrays(rooms), before[0], depth, *values, most, most])
    return [(at, message) for _, at, message in rows if message], rows[0][0]


def _in_index(
    rooms: Mapping[uuid.UUID, datetime],
    said: Sequence[Said],
    authors: Collection[uuid.UUID] | None,
    before: Place,
    most: int,
) -> list[Place]:
    where, values = _conditions(said, authors, before)
    indexed, lexemes = ["%s::tsquery"], [" | ".join(_lexeme(f"{ROOM}{room}") for room in rooms)]
    for one in _worth_an_index(said):
        query, more = one.query()
        indexed.append(query)
        lexemes += more
    by_words = f"words @@ ({' && '.join(indexed)})" if said else "room_id = ANY(%s)"
    statement = f"""
        WITH found AS MATERIALIZED (
            SELECT id, room_id, created_at FROM messaging_message WHERE {by_words} AND {where}
        )
        SELECT found.created_at, found.id
        FROM found JOIN unnest(%s::uuid[], %s::timestamptz[]) AS within (id, since) ON within.id = found.room_id
        WHERE found.created_at >= within.since
        ORDER BY found.created_at DESC, found.id DESC LIMIT %s
    """  # noqa: S608  # nosec B608: put together from constants
    return _ask(statement, [*(lexemes if said else [list(rooms)]), *values, *_arrays(rooms), most])


def _worth_an_index(said: Sequence[Said]) -> list[Said]:
    """Without short beginnings, where anything else is left."""
    whole = []
    for one in said:
        if 0 < len(one.beginning) <= _SHORT:
            # Not all but the last: a stop word may stand there, for which a language takes any other word.
            one = Said(" ".join([*pieces_of(one.text)[:-1][:1], *signs_of(one.text)]))
        whole.append(one)
    return [one for one in whole if one.text] or list(said)


def _conditions(said: Sequence[Said], authors: Collection[uuid.UUID] | None, before: Place) -> tuple[str, list[Any]]:
    where, values = "deleted_at IS NULL AND created_at <= %s AND (created_at, id) < (%s, %s)", [before[0], *before]
    if authors is not None:
        where += " AND author_id = ANY(%s)"
        values.append(list(authors))
    for one in said:
        query, more = one.query()
        # IS TRUE: for the index it would be another condition than `words @@ …`, so it is not asked.
        where += f" AND (words @@ ({query})) IS TRUE"
        values += more
    return where, values


def _arrays(rooms: Mapping[uuid.UUID, datetime]) -> list[Any]:
    return [list(rooms), list(rooms.values())]


def _ask(statement: str, values: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[Any] = cursor.fetchall()
    return rows
