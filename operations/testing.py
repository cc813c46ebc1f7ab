"""`make test`: throwaway servers, a Chromium, and pytest on all cores."""

import os
import secrets
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

from operations import chromium
from operations.embedded.account import bound_to_us
from operations.embedded.failure import StartError
from operations.running import foreign
from operations.throwaway import throwaway_servers

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    os.chdir(ROOT)
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)
    try:
        browsers = chromium.find_or_install()
        with throwaway_servers(os.environ) as found:
            return run_pytest({**foreign(os.environ), **found, **test_settings(), **browsers})
    except StartError as error:
        print(f"Kreis: {error}", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        return 130


def interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def test_settings() -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "KREIS_TEST": "1",
        "KREIS_DEBUG": "0",
        "KREIS_DEMO": "0",
        "KREIS_SECRET_KEY": secrets.token_urlsafe(48),
        "KREIS_SEAL_KEY": secrets.token_urlsafe(48),
        "KREIS_ALLOWED_HOSTS": "localhost,127.0.0.1,[::1],testserver",
    }


def run_pytest(environment: dict[str, str]) -> int:
    """All tests on all cores, four workers on two, for half of their time they wait; what ARGS says wins."""
    options = [
        "-n",
        str(cores() * 2),
        "--dist",
        "loadgroup",
        *shlex.split(os.environ.get("ARGS", "")),
        *sys.argv[1:],
    ]
    # Where we are killed, so is pytest (Linux): nothing is left that holds the servers.
    command = bound_to_us([sys.executable, "-m", "pytest", *options], death_signal=signal.SIGTERM)
    process = subprocess.Popen(command, env=environment)
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.send_signal(signal.SIGINT)
        return process.wait()


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


if __name__ == "__main__":
    sys.exit(main())
