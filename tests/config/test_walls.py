"""What the settings of production promise to browsers; read in a process of its own, as tests run without them."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

from operations.running import foreign

ASK = """
import json
from django.conf import settings as s
names = ["SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD", "SILENCED_SYSTEM_CHECKS"]
print(json.dumps([getattr(s, name) for name in names]))
"""


def asked(**given: str) -> list[object]:
    environment = {
        **foreign(os.environ),
        "DATABASE_URL": "postgres://x/y",
        "KREIS_SECRET_KEY": "k" * 50,
        "KREIS_SEAL_KEY": "s" * 50,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        **given,
    }
    done = subprocess.run(
        [sys.executable, "-c", ASK], env=environment, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True
    )
    found: list[object] = json.loads(done.stdout)
    return found[:3]


@pytest.mark.parametrize(
    ("given", "promised"),
    [
        ({}, [365 * 24 * 3600, False, False]),
        ({"KREIS_HSTS_SECONDS": "0"}, [0, False, False]),
        ({"KREIS_HSTS_SUBDOMAINS": "1", "KREIS_HSTS_PRELOAD": "1"}, [365 * 24 * 3600, True, True]),
        ({"KREIS_DEBUG": "1"}, [0, False, False]),
    ],
)
def test_https_is_insisted_on_for_this_host_alone(given: dict[str, str], promised: list[object]) -> None:
    assert asked(**given) == promised


def test_what_is_silenced_is_said_once() -> None:
    words = (settings.BASE_DIR / "config" / "settings.py").read_text()
    assert words.count("SILENCED_SYSTEM_CHECKS") == 1
    silenced = words.partition("SILENCED_SYSTEM_CHECKS = [\n")[2].partition("]")[0].strip().splitlines()
    assert [line.split('"')[1] for line in silenced] == settings.SILENCED_SYSTEM_CHECKS
    assert all("  # " in line for line in silenced), "each with a reason"
