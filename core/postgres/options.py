"""How a web process is connected to PostgreSQL."""

from typing import Any

from core.postgres.connection import ImpatientConnection

#: A server whose machine vanished does not even refuse. Units: seconds, of libpq's keepalives (TCP only).
_KEEPALIVES = {"keepalives_idle": "20", "keepalives_interval": "5", "keepalives_count": "3"}


def pooled(options: dict[str, Any], *, seconds: int) -> dict[str, Any]:
    """Driver options with a pool of connections that are quick to give up; what `options` say themselves, counts.

    The limits on the server's side end what nobody waits for any more: a statement, a wait for a lock, and a
    transaction whose process stands still, which would hold its room's lock for everybody else.
    """
    # Before the connection gives up: the server can still end it in order, and the connection lives on.
    milliseconds = seconds * 750
    limits = {
        "statement_timeout": milliseconds,
        "lock_timeout": milliseconds,
        "idle_in_transaction_session_timeout": 5000,
    }
    said = options.get("options", "")
    asked = " ".join(f"-c {name}={value}" for name, value in limits.items() if name not in said)
    return {
        "connect_timeout": "3",
        # Plans are kept where `plans_kept` says so, and there at once.
        "prepare_threshold": 5,
        **_KEEPALIVES,
        **options,
        "options": f"{asked} {said}".strip(),
        "pool": {
            "min_size": 2,
            "max_size": 16,
            # How long somebody waits for a connection.
            "timeout": 5,
            # After so long the pool stops trying by itself, and tries again for whoever asks: its pauses double, and
            # after a minute's outage the next try would be another minute away.
            "reconnect_timeout": 3,
            "connection_class": ImpatientConnection,
        },
    }
