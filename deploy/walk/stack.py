"""What the walk does to the containers, by way of `docker compose`."""

import json
import math
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FILES = "docker-compose.yml:deploy/walk/post.yml"
PATIENCE_SECONDS = 180.0
#: Started again by themselves when their process dies.
LASTING = ("caddy", "web", "worker", "beat", "postgres", "redis")


class WalkError(Exception):
    """Something is not as it is promised."""


def environment() -> dict[str, str]:
    return {**os.environ, "COMPOSE_FILE": FILES, "COMPOSE_ANSI": "never", "COMPOSE_PROGRESS": "plain"}


def run(*command: str, check: bool = True) -> str:
    """What a program says on its standard output. Raises: WalkError where it fails."""
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise WalkError(f"{' '.join(command)}: {done.stderr[-2000:]}")
    return done.stdout


def compose(*arguments: str) -> str:
    return run("docker", "compose", *arguments)


def begin(*command: str) -> "subprocess.Popen[str]":
    """The same, beside what goes on."""
    return subprocess.Popen(
        command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def timed(act: Callable[[], object]) -> float:
    """How long it takes. Units: seconds."""
    start = time.monotonic()
    act()
    return time.monotonic() - start


def bring_up(*arguments: str) -> None:
    compose("up", "-d", "--wait", "--wait-timeout", str(int(PATIENCE_SECONDS)), *arguments)


def containers(service: str) -> list[str]:
    return compose("ps", "-q", service).split()


def wait_until(is_so: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Raises: WalkError where it does not come about in time."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise WalkError(f"not after {seconds:.0f} s: {what}")
        time.sleep(0.1)


def kill(container: str) -> int:
    """kill -9 of the container's first process; an engine takes `docker kill` for a wish and starts nothing again.

    Returns how often the container had been started again before.
    """
    found = inspected(container)
    os.kill(int(found["State"]["Pid"]), signal.SIGKILL)
    return int(found["RestartCount"])


def is_well(container: str, *, more_starts_than: int = -1) -> bool:
    """Runs, and where it has a health check, passes it; perhaps not before it has been started again."""
    found = inspected(container)
    health = found["State"].get("Health", {}).get("Status", "healthy")
    is_started_again = int(found["RestartCount"]) > more_starts_than
    return bool(found["State"]["Running"]) and health == "healthy" and is_started_again


def inspected(container: str) -> dict[str, Any]:
    """What the engine knows of a container."""
    found: dict[str, Any] = json.loads(run("docker", "inspect", container))[0]
    return found


def addresses(container: str) -> list[str]:
    """In the networks between the containers."""
    return [str(network["IPAddress"]) for network in inspected(container)["NetworkSettings"]["Networks"].values()]


def mails(to: str) -> Iterator[str]:
    """The texts of the mails to an address, oldest first."""
    [post] = containers("post")
    for line in run("docker", "logs", post).splitlines():
        if line.startswith("{"):
            mail = json.loads(line)
            if to in mail["to"]:
                yield f"{mail['subject']}\n{mail['text']}"


def last_job_seconds() -> float:
    """How long ago a worker last did what the clock asks for twice a minute. Units: seconds; infinite where never."""
    found = re.search(r"last sign seconds: (\d+)", in_web("python", "manage.py", "health", check=False))
    return float(found[1]) if found else math.inf


def in_web(*command: str, check: bool = True) -> str:
    """What a command says that is called in one of the webs."""
    return run("docker", "exec", containers("web")[0], *command, check=check)


def image_size(name: str) -> float:
    """Units: MB."""
    return int(run("docker", "image", "inspect", "-f", "{{.Size}}", name)) / 1_000_000


def memory(ids: Sequence[str]) -> dict[str, str]:
    """What each container uses now, by its name."""
    lines = run("docker", "stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}}", *ids).splitlines()
    return {name: used for name, used, *_rest in (line.split() for line in lines)}
