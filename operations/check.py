"""`make check`: everything that a machine can judge without running the application."""

import os
import secrets
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from operations.embedded.failure import StartError
from operations.running import foreign
from operations.throwaway import throwaway_servers

ROOT = Path(__file__).resolve().parent.parent
# As a careful operator would have it; `manage.py check --deploy` must find nothing to warn of (operations.deployment).
PRODUCTION = {
    "KREIS_DEBUG": "0",
    "KREIS_DEMO": "0",
    "KREIS_ALLOWED_HOSTS": "kreis.example.org",
    "KREIS_BASE_URL": "https://kreis.example.org",
    "KREIS_TRUSTED_ORIGINS": "https://kreis.example.org",
    "KREIS_TRUSTED_PROXIES": "1",
    "KREIS_MAIL_FROM": "kreis@example.org",
}


def steps() -> dict[str, list[str]]:
    templates = tracked("templates/*.html")
    return {
        "format": tool("ruff", "format", "--check", "."),
        "lint": tool("ruff", "check", "."),
        "types": tool("mypy", "--strict", "."),
        "layers": tool("lint-imports"),
        "template indentation": tool("djhtml", "--check", *templates),
        "template style": tool("djade", "--check", *templates),
        "migrations": [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
        "deployment": [sys.executable, "-m", "operations.deployment"],
        "security": tool("bandit", "-q", "-c", "pyproject.toml", "-x", "./.venv,./tests,./var", "-r", "."),
    }


def main() -> int:
    os.chdir(ROOT)
    try:
        with throwaway_servers(os.environ) as found:
            failed = [name for name, command in steps().items() if not passes(name, command, found)]
    except StartError as error:
        print(f"Kreis: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(f"\nFailed: {', '.join(failed)}" if failed else "\nAll checks passed.", flush=True)
    return 1 if failed else 0


def passes(name: str, command: list[str], servers: Mapping[str, str]) -> bool:
    """Run one step and say how it went; its words stand below only where it failed."""
    environment = {**foreign(os.environ), **PRODUCTION, **keys(), **servers}
    start = time.monotonic()
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    seconds = time.monotonic() - start
    print(f"{'ok' if not done.returncode else 'FAILED':8}{name:24}{seconds:6.1f} s", flush=True)
    if done.returncode:
        print(f"$ {shlex.join(command)[:200]}\n{done.stdout}", flush=True)
    return not done.returncode


def keys() -> dict[str, str]:
    return {name: secrets.token_urlsafe(64) for name in ("KREIS_SECRET_KEY", "KREIS_SEAL_KEY")}


def tool(name: str, *arguments: str) -> list[str]:
    return [str(Path(sys.executable).with_name(name)), *arguments]


def tracked(pattern: str) -> list[str]:
    """The files of the project, also new ones, but nothing that is ignored or a product."""
    return sorted(str(path.relative_to(ROOT)) for path in ROOT.glob(pattern.replace("/", "/**/", 1)))


if __name__ == "__main__":
    sys.exit(main())
