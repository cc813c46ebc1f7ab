"""`sh deploy/env.sh NAME` makes all that docker-compose.yml asks for, and the settings take it."""

import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from core.models import Installation
from tests.servers import database_url

ROOT = Path(settings.BASE_DIR)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def make(checkout: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["sh", str(checkout / "deploy" / "env.sh"), *arguments],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def read(checkout: Path) -> dict[str, str]:
    lines = (checkout / ".env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def filled_in(text: str, values: dict[str, str]) -> str:
    """As compose fills in `${NAME}`, `${NAME:-default}`, `${NAME:+instead}` and `${NAME:?complaint}`."""

    def value(match: re.Match[str]) -> str:
        name, kind, otherwise = match[1], match[2], match[3]
        if kind == ":+":
            return otherwise if values.get(name) else ""
        return values.get(name) or (otherwise if kind == ":-" else pytest.fail(f"{name} is not in .env"))

    return re.sub(r"\$\{(\w+)(:[-?+])?([^}]*)\}", value, text)


def test_it_makes_what_compose_asks_for_and_nobody_else_can_read_it(checkout: Path) -> None:
    made = make(checkout, "kreis.example.org")
    assert made.returncode == 0, made.stderr
    assert stat.S_IMODE((checkout / ".env").stat().st_mode) == 0o600
    values = read(checkout)
    wanted = set(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text()))
    assert wanted <= set(values)
    assert values["KREIS_BASE_URL"] == "https://kreis.example.org"
    assert values["KREIS_TLS"] == "public"
    secrets = [value for name, value in values.items() if re.search("PASSWORD|_KEY", name)]
    assert len(set(secrets)) == len(secrets) == 5
    assert all(re.fullmatch(r"[0-9a-f]{48,}", secret) for secret in secrets)
    assert not any(secret in made.stdout + made.stderr for secret in secrets)


def test_two_places_share_no_secret(checkout: Path) -> None:
    make(checkout, "kreis.example.org")
    first = read(checkout)
    (checkout / ".env").unlink()
    make(checkout, "kreis.example.org")
    second = read(checkout)
    assert not {first[name] for name in first if re.search("PASSWORD|_KEY", name)} & set(second.values())


def test_it_never_overwrites(checkout: Path) -> None:
    make(checkout, "kreis.example.org")
    before = (checkout / ".env").read_text()
    again = make(checkout, "other.example.org")
    assert again.returncode == 1
    assert "stays as it is" in again.stderr
    assert (checkout / ".env").read_text() == before
    assert sorted(path.name for path in checkout.iterdir()) == [".env", "deploy"]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "https://kreis.example.org",
        "kreis.example.org:8443",
        "Kreis.example.org",
        "a b",
        "-x",
        ".",
        "a..b",
        "$(id)",
        "a\nB=c",
    ],
)
def test_what_is_no_name_is_refused_in_a_sentence(checkout: Path, name: str) -> None:
    made = make(checkout, name)
    assert made.returncode == 1
    assert made.stderr.startswith("Kreis: ")
    assert not (checkout / ".env").exists()


@pytest.mark.parametrize("name", ["localhost", "kreis.localhost", "nas.lan", "kreis.home.arpa", "192.168.0.7", "nas"])
def test_a_name_that_only_this_house_has_gets_a_certificate_of_its_own(checkout: Path, name: str) -> None:
    assert make(checkout, name).returncode == 0
    assert read(checkout)["KREIS_TLS"] == "internal"


def test_other_ports_stand_in_the_address(checkout: Path) -> None:
    assert make(checkout, "localhost", KREIS_HTTP_PORT="8080", KREIS_HTTPS_PORT="8443").returncode == 0
    assert read(checkout)["KREIS_BASE_URL"] == "https://localhost:8443"
    assert make(checkout, "localhost", KREIS_HTTPS_PORT="http").returncode == 1


@pytest.mark.parametrize(
    ("version", "is_on"), [("27.1.0", True), ("28.0.0-rc.1", True), ("26.1.5", False), ("", False)]
)
def test_ipv6_is_on_where_docker_can_and_else_it_says_why_not(checkout: Path, version: str, is_on: bool) -> None:
    known = Path("/proc/net/if_inet6")
    if not known.exists() or not any(line.split()[3] == "00" for line in known.read_text().splitlines()):
        pytest.skip("this machine has no IPv6")
    docker = checkout / "programs" / "docker"
    docker.parent.mkdir()
    docker.write_text(f"#!/bin/sh\n[ -n '{version}' ] && echo '{version}'\n")
    docker.chmod(0o755)
    made = make(checkout, "localhost", PATH=f"{docker.parent}:{os.environ['PATH']}")
    assert made.returncode == 0, made.stderr
    assert read(checkout)["KREIS_IPV6"] == str(is_on).lower()
    told = [line for line in made.stdout.splitlines() if "IPv6" in line]
    assert len(told) == (0 if is_on else 1)
    assert is_on or ("Docker is older than 27" if version else "Docker does not answer") in told[0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["kreis.example.org", "localhost"])
def test_the_settings_take_it(checkout: Path, name: str) -> None:
    texts = {f"{kind}_{code}": "written" for kind in ("imprint", "privacy", "terms") for code in ("de", "en")}
    Installation.objects.update_or_create(pk=Installation.ROW, defaults={"contact": "kreis@example.org", **texts})
    make(checkout, name)
    values = {**read(checkout), "KREIS_MAIL_FROM": "kreis@example.org"}
    services = yaml.safe_load(filled_in((ROOT / "docker-compose.yml").read_text(), values))["services"]
    told = {key: value or values.get(key) for key, value in services["web"]["environment"].items()}
    environment = {key: str(value) for key, value in told.items() if value is not None}
    assert services["caddy"]["ports"] == ["80:80", "443:443", "443:443/udp"]
    assert environment["DATABASE_URL"].startswith("postgres://kreis:")
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={**environment, "DATABASE_URL": database_url(), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("script", ["env.sh", "update.sh", "postgres/account.sh"])
def test_the_scripts_are_plain_sh(script: str) -> None:
    done = subprocess.run(["sh", "-n", str(ROOT / "deploy" / script)], capture_output=True, text=True, check=False)
    assert done.stderr == ""
