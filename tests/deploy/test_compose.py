"""What docker-compose.yml promises, as far as it can be read; `python -m deploy.walk` does it for real."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from core.walls import STANDING
from operations.embedded.postgres import DISCREET
from tests.config.test_settings_table import NAME, constant, table

ROOT = Path(settings.BASE_DIR)
FILE = ROOT / "docker-compose.yml"
DOOR = (ROOT / "deploy" / "Caddyfile").read_text()
#: Not for a server, or with a value that the image and the file choose.
NOT_PASSED_ON = {
    "KREIS_DATABASE_POOL",
    "KREIS_DEBUG",
    "KREIS_DEMO",
    "KREIS_HTTPS_REDIRECT",
    "KREIS_PREFIX",
    "KREIS_TEST",
    "KREIS_VAR",
}
SECRET = re.compile(r"PASSWORD|SECRET|SEAL|TOKEN")
SERVICES = ["beat", "caddy", "migrate", "postgres", "redis", "web", "worker"]


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return found


@pytest.fixture(scope="module")
def services(whole: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = whole["services"]
    return found


def test_there_are_these_services_and_no_others(services: dict[str, Any]) -> None:
    assert sorted(services) == SERVICES


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_may_do_nothing_but_its_work(services: dict[str, Any], name: str) -> None:
    service = services[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "caddy" else [])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "network_mode", "pid", "ipc", "devices"} & set(service)
    assert not any("docker.sock" in str(volume) for volume in service.get("volumes", []))
    # Our own images name their user; those of others begin as root unless told otherwise.
    assert service["image"].startswith("localhost/kreis") or service["user"] == name
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert service["logging"]["options"]["max-size"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_comes_back_by_itself_and_says_how_it_is(services: dict[str, Any], name: str) -> None:
    service = services[name]
    assert service["restart"] == ("no" if name == "migrate" else "unless-stopped")
    assert ("healthcheck" in service) is (name != "migrate")
    if name != "migrate":
        assert {"test", "interval", "timeout", "start_period", "start_interval"} <= set(service["healthcheck"])


def test_only_the_door_can_be_reached(whole: dict[str, Any], services: dict[str, Any]) -> None:
    assert [name for name in SERVICES if "ports" in services[name] or "expose" in services[name]] == ["caddy"]
    assert whole["networks"]["data"]["internal"] is whole["networks"]["inside"]["internal"] is True
    assert services["caddy"]["networks"] == ["edge", "inside"]
    assert services["postgres"]["networks"] == services["redis"]["networks"] == ["data"]
    assert "edge" not in services["web"]["networks"]


def test_no_secret_stands_in_the_file(services: dict[str, Any]) -> None:
    for name, service in services.items():
        for key, value in service.get("environment", {}).items():
            if value is not None and (SECRET.search(key) or "PASSWORD" in value):
                assert "${" in value, f"{name}: {key}"
            if value is not None and key.endswith("_URL") and "@" in value:
                assert re.search(r":\$\{\w+PASSWORD", value), f"{name}: {key}"


def test_only_the_database_knows_the_password_of_its_superuser(services: dict[str, Any]) -> None:
    holders = [name for name in SERVICES if "${POSTGRES_PASSWORD" in str(services[name])]
    assert holders == ["postgres"]


def test_what_the_settings_read_reaches_the_programs(services: dict[str, Any]) -> None:
    read = set()
    for node in ast.walk(ast.parse((ROOT / "config" / "settings.py").read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("env.") and node.args:
            read |= {name for name in [constant(node.args[0])] if NAME.fullmatch(name)}
    assert read >= NOT_PASSED_ON
    for name in ("web", "worker", "beat", "migrate"):
        assert set(services[name]["environment"]) == read - NOT_PASSED_ON, name


def test_whoever_needs_tables_waits_for_them(services: dict[str, Any]) -> None:
    for name in ("web", "worker", "beat"):
        needs = {other: how["condition"] for other, how in services[name]["depends_on"].items()}
        assert needs == {
            "migrate": "service_completed_successfully",
            "postgres": "service_healthy",
            "redis": "service_healthy",
        }
    assert services["caddy"]["depends_on"] == {"web": {"condition": "service_healthy"}}


def test_the_database_is_new_enough_and_its_data_lie_in_a_volume(
    whole: dict[str, Any], services: dict[str, Any]
) -> None:
    postgres = services["postgres"]
    assert int(postgres["image"].removeprefix("postgres:")) >= 17
    [volume] = [volume for volume in postgres["volumes"] if volume.startswith("postgres:")]
    assert postgres["environment"]["PGDATA"].startswith(volume.removeprefix("postgres:") + "/")
    assert "scram-sha-256" in postgres["environment"]["POSTGRES_INITDB_ARGS"]
    assert set(whole["volumes"]) == {"postgres", "certificates"}


def test_the_databases_log_is_as_discreet_as_that_of_make_run(services: dict[str, Any]) -> None:
    assert services["postgres"]["command"] == ["postgres", *(f"-c{setting}" for setting in DISCREET)]


def test_what_compose_alone_reads_stands_in_the_table_and_nothing_else(services: dict[str, Any]) -> None:
    words = (ROOT / "docs" / "operations.md").read_text().partition("### `.env`")[2].partition("\n### ")[0]
    told = {name for row in re.findall(r"^\| (`.+?`) \|", words, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    read = set(re.findall(r"\$\{(\w+)", FILE.read_text()))
    assert told == read - set(table())
    # What caddy's file reads, caddy is given.
    assert set(re.findall(r"\{\$(\w+)", DOOR)) == set(services["caddy"]["environment"])


def test_nobodys_word_about_visitors_is_taken_unless_env_names_them(services: dict[str, Any]) -> None:
    assert services["caddy"]["environment"]["KREIS_PROXIES"] == "${KREIS_PROXIES:-}"
    assert re.findall(r"trusted_proxies (.+)", DOOR) == ["static {$KREIS_PROXIES}"]


def test_redis_writes_nothing_to_a_disk_and_asks_for_a_password(services: dict[str, Any]) -> None:
    command = " ".join(services["redis"]["command"])
    assert 'save ""' in command
    assert "appendonly no" in command
    assert "requirepass" in command
    assert "volumes" not in services["redis"]


def test_the_doors_own_pages_are_walled_in_like_those_of_kreis() -> None:
    """But for permissions, which a page without scripts cannot ask for."""
    answers = DOOR.partition("handle_errors")[2]
    said = dict(re.findall(r'^\s+header ([A-Z][\w-]+) "?([^"\n]+)"?$', answers, re.MULTILINE))
    wanted = {name: words for name, words in STANDING.items() if name != "Permissions-Policy"}
    assert wanted.items() <= said.items()
    assert said["Cache-Control"] == "no-store"
    assert "default-src 'none'" in said["Content-Security-Policy"]
