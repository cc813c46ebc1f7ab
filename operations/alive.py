"""`python -m operations.alive web 8000`, `python -m operations.alive worker`: health checks of containers.

Status 0 or 1. They load no application, so that asking every half minute costs nearly nothing.
"""

import http.client
import os
import sys

from redis import RedisError

SECONDS = 3.0


def main(arguments: list[str]) -> int:
    part, rest = arguments[0] if arguments else "", arguments[1:]
    if part == "web":
        problem = web_problem(int(rest[0]) if rest else 8000)
    elif part == "worker":
        problem = worker_problem()
    else:
        problem = "say which part: web [PORT], or worker"
    print(problem or "ok")
    return 1 if problem else 0


def web_problem(port: int) -> str:
    """Whether the process that listens on this machine answers; "" where it does."""
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        asked.request("GET", "/healthz")
        status = asked.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"no answer ({type(error).__name__})"
    finally:
        asked.close()
    return "" if status == 200 else f"status {status}"


def worker_problem() -> str:
    """Whether jobs are queued by the clock and done by some worker; "" where they are."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from operations import heartbeat

    try:
        with heartbeat.server(seconds=SECONDS) as redis:
            age = heartbeat.age(redis)
    except RedisError as error:
        return f"Redis does not answer ({type(error).__name__})"
    if age is None or age > heartbeat.SILENT_AFTER_SECONDS:
        return "no sign of life" if age is None else f"no sign of life for {age} s"
    return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
