"""A connection that gives up. Imported by the settings, which it therefore may only read while it waits."""

from typing import Any

import psycopg
from django.conf import settings
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus


class ImpatientConnection(psycopg.Connection[Any]):
    """Waits `KREIS_DATABASE_SECONDS` for an answer, and is then of no more use: nobody knows what the server does.

    A server that hangs differs from a slow one by nothing but time. Its own limits (`statement_timeout`) hang with it,
    and keepalives are answered by its kernel; so whoever asks counts the seconds.
    """

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return super().wait(gen, interval, settings.DATABASE_SECONDS if timeout is None else timeout)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.close()
            raise
