"""The database backend: Django's own, but nobody is handed a connection that died while it lay in the pool."""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connections
from django.db.backends.postgresql import base
from psycopg_pool import ConnectionPool

_SAID = select.POLLIN | getattr(select, "POLLRDHUP", 0)


class PreparingCursor(base.ServerBindingCursor):
    """Has each of its statements planned once per connection."""

    def execute(self, query: Any, params: Any = None, **how: Any) -> Any:
        return super().execute(query, params, **{"prepare": True, **how})  # type: ignore[misc]


class DatabaseWrapper(base.DatabaseWrapper):
    #: See `plans_kept`.
    keeps_plans = False

    def create_cursor(self, name: str | None = None) -> Any:
        if name or not self.keeps_plans:
            return super().create_cursor(name)
        usual, self.connection.cursor_factory = self.connection.cursor_factory, PreparingCursor
        try:
            return super().create_cursor()
        finally:
            self.connection.cursor_factory = usual

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """After a restart of the server the pool is full of corpses; whoever got one would see an error page.

        The pool's own check asks the server before every request. A glance at the socket costs a microsecond.
        """
        connection = super().get_new_connection(conn_params)
        for _ in range(self.pool.max_size if self.pool else 0):
            if lives(connection):
                break
            connection.close()
            self.pool.putconn(connection)
            connection = super().get_new_connection(conn_params)
        return connection


@contextmanager
def plans_kept(alias: str = "default") -> Iterator[None]:
    """In this thread, for statements that are the same every time: PostgreSQL keeps their plans.

    Of a join over seven tables planning is nine tenths. Values are bound by the server then, so their types have to be
    plain from the statement.
    """
    connection: Any = connections[alias]
    before, connection.keeps_plans = connection.keeps_plans, True
    try:
        yield
    finally:
        connection.keeps_plans = before


def forget_dead(alias: str = "default") -> None:
    """For threads that keep their connection: what died while nothing was asked is left, and replaced when needed."""
    connection = connections[alias]
    if connection.connection is not None and not lives(connection.connection):
        connection.close()


def lives(connection: psycopg.Connection[Any]) -> bool:
    """Where nothing was asked, nothing is to be read but a goodbye, or a notice; then the server is asked."""
    ears = select.poll()
    ears.register(connection.fileno(), _SAID)
    if not ears.poll(0):
        return True
    try:
        ConnectionPool.check_connection(connection)
    except psycopg.Error:
        return False
    return True
