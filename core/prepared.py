"""Querysets that are compiled once: afterwards only the values in them change.

Django's ORM builds and compiles a join such as `visible_to` in 1 to 3 ms of CPU, every time; PostgreSQL answers it in
0.1 ms. The rule stays where it is, in a queryset; here its SQL is kept, with stand-ins where each call's values belong.
Nothing of it is public in Django: tests/core/test_prepared.py compares the answers with those of plain querysets.
"""

import copy
import uuid
from collections.abc import Callable, Hashable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models

from core.postgres.base import plans_kept

M = TypeVar("M", bound=models.Model)


class Prepared(Generic[M]):
    """Shape: `build` gets a stand-in of the kind given for each name, and returns a queryset with all of them in it.

    The queryset's form must be the same whatever the values are; a rule with an `if` in it is prepared once per case.
    """

    def __init__(self, build: Callable[..., "models.QuerySet[M]"], **kinds: type[uuid.UUID] | type[datetime]) -> None:
        self._build = build
        self._kinds = kinds
        self._compiled: tuple[models.QuerySet[M], Any, str, list[Any]] | None = None

    def __call__(self, **values: Any) -> list[M]:
        """The rows, with what is selected beside them: one query. Raises: KeyError where a value is missing."""
        queryset, compiler, statement, parameters = self._compiled or self._compile()
        filled = tuple(values[p.name] if isinstance(p, _Place) else p for p in parameters)

        def get_compiler(using: str, **_more: Any) -> Any:
            asked = copy.copy(compiler)
            asked.connection = connections[using]
            asked.as_sql = lambda *_args, **_more: (statement, filled)
            return asked

        query = copy.copy(queryset.query)
        query.get_compiler = get_compiler  # type: ignore[assignment, method-assign]
        with plans_kept():
            return list(type(queryset)(queryset.model, query))

    def _compile(self) -> tuple["models.QuerySet[M]", Any, str, list[Any]]:
        stand_ins = {name: _stand_in(kind) for name, kind in self._kinds.items()}
        queryset = self._build(**stand_ins)
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        statement, found = compiler.as_sql()
        places: dict[Hashable, _Place] = {value: _Place(name) for name, value in stand_ins.items()}
        parameters = [places.get(value, value) if isinstance(value, Hashable) else value for value in found]
        missing = self._kinds.keys() - {p.name for p in parameters if isinstance(p, _Place)}
        if missing:  # what became something else on its way would never be replaced
            raise TypeError(f"{missing} cannot be found in the compiled query.")
        if any(isinstance(value, date) for value in parameters):  # a rule that says "now" has to be given the moment
            raise TypeError("The query would keep the moment at which it was compiled.")
        self._compiled = queryset, compiler, statement, parameters
        return self._compiled


class _Place:
    """Where one of the call's values belongs."""

    def __init__(self, name: str) -> None:
        self.name = name


def _stand_in(kind: type) -> uuid.UUID | datetime:
    """A value that nothing else in a query is equal to."""
    chance = uuid.uuid4()
    if kind is uuid.UUID:
        return chance
    return datetime(1000, 1, 1, tzinfo=UTC) + timedelta(microseconds=chance.int % 2**50)
