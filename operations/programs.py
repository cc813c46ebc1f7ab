"""The programs of an installation and their flags, for `make run` and for containers: `programs.py web|worker|beat`."""

import os
import sys
from pathlib import Path

#: Where a container's programs listen: there the network says who gets as far as that.
EVERYWHERE = "0.0.0.0"  # noqa: S104  # nosec B104
CONTAINER_PORT = 8000

#: What daphne would leave open, or longer open than anybody waits. Units: seconds. The other limits on its connections
#: (headers, frames, silence) are in realtime/wire.py, which holds however daphne is started.
#: A page that was not answered until then is answered with 503: the database's patience is 8 s, a picture's 6 s.
HTTP_SECONDS = 60
#: A handshake that was neither accepted nor refused.
HANDSHAKE_SECONDS = 10
#: What a page's or socket's work may still take when its browser has gone; longer than all of the above.
CLOSE_SECONDS = 15


def web_command(port: int, application: str = "config.asgi:application", *, host: str = "127.0.0.1") -> list[str]:
    """The web process; by itself it listens on this machine only.

    Without `--proxy-headers`: daphne would believe anybody. `core.addresses` counts the proxies instead.
    """
    options = ["-b", host, "-p", str(port), "-v", "0", "--no-server-name"]
    options += ["--http-timeout", str(HTTP_SECONDS), "--websocket_connect_timeout", str(HANDSHAKE_SECONDS)]
    options += ["--application-close-timeout", str(CLOSE_SECONDS)]
    return [sys.executable, "-m", "daphne", *options, application]


def worker_command() -> list[str]:
    options = ["worker", "--pool", "threads", "--concurrency", "2", "--loglevel", "WARNING"]
    return [*_celery(), *options, "--without-gossip", "--without-mingle", "--without-heartbeat"]


def beat_command(schedule: Path) -> list[str]:
    """The clock; `schedule` is a file that may be lost."""
    return [*_celery(), "beat", "--schedule", str(schedule), "--pidfile=", "--loglevel", "WARNING"]


def _celery() -> list[str]:
    # As root it warns of a danger that only pickled jobs have; ours are JSON.
    return [sys.executable, "-W", "ignore::UserWarning", "-m", "celery", "--quiet", "-A", "config.celery"]


def main(name: str) -> None:
    """Become the program of that name, as it runs in a container."""
    commands = {
        "web": web_command(CONTAINER_PORT, host=EVERYWHERE),
        "worker": worker_command(),
        "beat": beat_command(Path("/tmp/beat")),  # noqa: S108  # nosec B108  # a container's own, in memory
    }
    if name not in commands:
        sys.exit(f"Kreis: there is no program {name!r}, only {', '.join(commands)}.")
    sys.stdout.flush()
    os.execv(sys.executable, commands[name])  # noqa: S606  # nosec B606


if __name__ == "__main__":
    main(*sys.argv[1:2] or [""])
