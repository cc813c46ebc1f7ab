"""Unsafe combinations of settings are told; careful ones are not."""

from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import override_settings

from operations.checks import TAG, is_local

PRODUCTION: dict[str, Any] = {
    "DEBUG": False,
    "TEST": False,
    "DEMO_WANTED": False,
    "SECRET_KEY": "k" * 50,
    "ALLOWED_HOSTS": ["kreis.example.org"],
    "BASE_URL": "https://kreis.example.org",
    "TRUSTED_PROXIES": 1,
    "SECURE_SSL_REDIRECT": True,
    "SECURE_HSTS_PRELOAD": False,
    "EMAIL_HOST": "mail.example.org",
    "EMAIL_USE_TLS": True,
    "EMAIL_USE_SSL": False,
    "MAIL_OWN_NETWORK": False,
    "DEFAULT_FROM_EMAIL": "kreis@example.org",
}
LOCAL: dict[str, Any] = {
    **PRODUCTION,
    "DEBUG": True,
    "DEMO_WANTED": True,
    "SECRET_KEY": "short",
    "ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]", "kreis.localhost"],
    "BASE_URL": "http://localhost:8000",
}


def told(**changed: Any) -> list[str]:
    with override_settings(**changed):
        return [str(message.id) for message in run_checks(tags=[TAG])]


@pytest.mark.parametrize("careful", [PRODUCTION, LOCAL, {**LOCAL, "DEBUG": False, "TEST": True, "DEMO_WANTED": False}])
def test_a_careful_installation_is_told_nothing(careful: dict[str, Any]) -> None:
    assert told(**careful) == []


@pytest.mark.parametrize(
    ("changed", "identity"),
    [
        ({"DEMO_WANTED": True}, "kreis.E001"),
        ({"EMAIL_USE_TLS": True, "EMAIL_USE_SSL": True}, "kreis.E002"),
        ({"EMAIL_USE_TLS": False}, "kreis.E028"),
        ({"EMAIL_USE_TLS": False, "EMAIL_HOST": "10.0.0.7"}, "kreis.E028"),
        ({"EMAIL_USE_TLS": False, "EMAIL_HOST": "localhost.example.org"}, "kreis.E028"),
        ({"BASE_URL": "kreis.example.org"}, "kreis.E003"),
        ({"BASE_URL": "https://kreis.example.org/c"}, "kreis.E003"),
        ({"BASE_URL": "http://[x"}, "kreis.E003"),
        ({"BASE_URL": "https://kreis.example.org:abc"}, "kreis.E003"),
        ({"SECRET_KEY": "short"}, "kreis.E020"),
        ({"ALLOWED_HOSTS": []}, "kreis.E021"),
        ({"ALLOWED_HOSTS": ["*"]}, "kreis.E021"),
        ({"BASE_URL": "http://kreis.example.org"}, "kreis.E022"),
        ({"BASE_URL": ""}, "kreis.W020"),
        ({"TRUSTED_PROXIES": 0}, "kreis.W021"),
        ({"DEFAULT_FROM_EMAIL": "kreis@localhost"}, "kreis.W022"),
        ({"SECURE_HSTS_PRELOAD": True}, "kreis.W023"),
    ],
)
def test_in_production_it_is_told(changed: dict[str, Any], identity: str) -> None:
    assert told(**{**PRODUCTION, **changed}) == [identity]


@pytest.mark.parametrize("mode", [{}, {"DEBUG": False, "TEST": True, "DEMO_WANTED": False}])
@pytest.mark.parametrize(
    "changed",
    [
        {"ALLOWED_HOSTS": ["*"]},
        {"ALLOWED_HOSTS": ["localhost", "kreis.example.org"]},
        {"ALLOWED_HOSTS": [".example.org"]},
        {"ALLOWED_HOSTS": ["192.168.0.7"]},
        {"BASE_URL": "https://kreis.example.org"},
    ],
)
def test_debugging_is_for_this_machine_alone(mode: dict[str, Any], changed: dict[str, Any]) -> None:
    assert told(**{**LOCAL, **mode, **changed}) == ["kreis.E010"]


@pytest.mark.parametrize(
    ("host", "is_so"),
    [("localhost", True), ("[::1]", True), ("127.8.8.8", True), ("a.localhost", True), ("notlocalhost", False)],
)
def test_what_is_local(host: str, is_so: bool) -> None:
    assert is_local(host) is is_so


def test_a_start_stops_at_unsafe_settings() -> None:
    with override_settings(**{**LOCAL, "ALLOWED_HOSTS": ["*"]}), pytest.raises(SystemCheckError, match="this machine"):
        call_command("prepare", skip_checks=False)


@pytest.mark.parametrize(
    "changed",
    [
        {"EMAIL_HOST": ""},
        {"EMAIL_HOST": "localhost"},
        {"EMAIL_HOST": "127.0.0.1"},
        {"MAIL_OWN_NETWORK": True},
        {"EMAIL_USE_SSL": True},
    ],
)
def test_mail_goes_readable_only_where_nobody_listens(changed: dict[str, Any]) -> None:
    assert told(**{**PRODUCTION, "EMAIL_USE_TLS": False, **changed}) == []
