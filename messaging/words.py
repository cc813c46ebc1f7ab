"""The words of messages, as PostgreSQL's full text search looks at them."""

import uuid
from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchQueryCombinable, SearchQueryField, SearchVectorField
from django.db.models import F, Func, GeneratedField, TextField, Value

#: A message may be in German or English, or be a name: each word is kept as both stems and as it stands.
CONFIGS = ("german", "english", "simple")
#: Stands before a room's id among the words. The parser makes no word with it, so nobody can write one.
_ROOM = "\x01"


class WordsField(GeneratedField):
    """Made by the database from the text. The room is one of the words: so a search goes to those of a few rooms at
    once, instead of through all that were ever written.
    """

    #: Nobody reads it back: an INSERT need not return what was made.
    db_returning = False  # type: ignore[assignment]

    def __init__(self, **options: Any) -> None:
        options |= {"expression": _AllWords(F("text"), F("room_id")), "output_field": SearchVectorField()}
        super().__init__(**options, db_persist=True)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, options = super().deconstruct()
        for made in ("expression", "output_field", "db_persist"):
            options.pop(made)
        return name, path, args, options


class _AllWords(Func):
    template = (
        " || ".join(f"to_tsvector('{config}'::regconfig, %(text)s)" for config in CONFIGS)
        + f" || array_to_tsvector(ARRAY['{_ROOM}' || %(room)s::text])"
    )

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> Any:  # type: ignore[override]
        text, room = (compiler.compile(source)[0] for source in self.get_source_expressions())
        return self.template % {"text": text, "room": room}, []


class _Lexemes(SearchQueryCombinable, Func):  # type: ignore[misc]  # as Django's own SearchQuery
    """Words as they are stored, past the parser."""

    template = "(%(expressions)s)::tsquery"
    config = None
    output_field = SearchQueryField()


def in_rooms(rooms: Iterable[uuid.UUID]) -> SearchQueryCombinable:
    """Any of these rooms. Errors: there has to be one."""
    return _Lexemes(Value(" | ".join(f"'{_ROOM}{room}'" for room in rooms), output_field=TextField()))


def saying(words: str, *, is_phrase: bool = False, is_begun: bool = False) -> SearchQueryCombinable:
    """Messages with a word in any of its forms; with the words in this order; or with words that begin like it."""
    kind = "phrase" if is_phrase else "plain"
    found = reduce(or_, (SearchQuery(words, config=config, search_type=kind) for config in CONFIGS))
    if is_begun:
        quoted = words.replace("\\", "\\\\").replace("'", "''")
        found |= SearchQuery(f"'{quoted}':*", config="simple", search_type="raw")
    return found
