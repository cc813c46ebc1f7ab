"""The database backend: Django's own, but nobody is handed a connection that died while it lay in the pool."""

import select
from typing import Any

import psycopg
from django.db import connections
from django.db.backends.postgresql import base
from psycopg_pool import ConnectionPool

_SAID = select.POLLIN | getattr(select, "POLLRDHUP", 0)


class DatabaseWrapper(base.DatabaseWrapper):
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
