"""The site with the settings of production: no debugging, collected files, behind one proxy that speaks TLS."""

import contextlib
import http.client
import os
import re
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from operations.running import foreign
from tests.servers import Server, database_url, start_server

HOST = "kreis.example.org"
KEYS = {"KREIS_SECRET_KEY": "0123456789abcdefghij" * 3, "KREIS_SEAL_KEY": "jihgfedcba9876543210" * 3}


def environment(var: Path) -> dict[str, str]:
    """Everything that a careful operator would say, and nothing of what the tests were told."""
    return {
        **foreign(os.environ),
        **KEYS,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "KREIS_PREFIX": settings.CACHES["default"]["KEY_PREFIX"],
        "KREIS_VAR": str(var),
        "KREIS_DATABASE_POOL": "1",
        "KREIS_ALLOWED_HOSTS": HOST,
        "KREIS_BASE_URL": f"https://{HOST}",
        "KREIS_TRUSTED_PROXIES": "1",
        "KREIS_MAIL_FROM": f"kreis@{HOST}",
    }


@contextlib.contextmanager
def running(var: Path, log: Path) -> Iterator[Server]:
    said = environment(var)
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"],
        env=said,
        cwd=settings.BASE_DIR,
        check=True,
    )
    # What the tests were told stands in the environment that a server starts with: here it counts for nothing.
    nothing = {name: "" for name in os.environ if name.startswith("KREIS_") and name not in said}
    with log.open("ab") as file:
        settings_of_it: dict[str, Any] = {**nothing, **said}
        server = start_server(
            application="config.asgi:application", log=file, options=["-v", "0", "--no-server-name"], **settings_of_it
        )
    yield server
    server.process.kill()
    server.process.wait()


@dataclass
class Reply:
    status: int
    headers: list[tuple[str, str]]
    text: str

    def __getitem__(self, name: str) -> str:
        return ", ".join(value for key, value in self.headers if key.lower() == name.lower())

    @property
    def cookies(self) -> list[str]:
        return [value for key, value in self.headers if key.lower() == "set-cookie"]


@dataclass
class Browser:
    """One that keeps cookies, and comes through the proxy."""

    server: Server
    is_secure: bool = True
    jar: dict[str, str] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)

    def get(self, path: str, **headers: str) -> Reply:
        return self.ask("GET", path, b"", headers)

    def send(self, page: str, to: str = "", **fields: str) -> Reply:
        """Open a page and send the form on it."""
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(page).text)
        assert found, page
        body = urllib.parse.urlencode(fields | {"csrfmiddlewaretoken": found.group(1)}).encode()
        headers = {"Origin": f"https://{HOST}", "Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", to or page, body, headers)

    def ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Reply:
        asked = http.client.HTTPConnection("localhost", self.server.port, timeout=60)
        cookies = "; ".join(f"{name}={value}" for name, value in self.jar.items())
        proxy = {"Host": HOST, "X-Forwarded-For": "198.51.100.1", "X-Forwarded-Proto": "https"}
        if not self.is_secure:
            del proxy["X-Forwarded-Proto"]
        asked.request(method, path, body, {**proxy, "Cookie": cookies, **headers})
        answer = asked.getresponse()
        reply = Reply(answer.status, answer.getheaders(), answer.read().decode(errors="replace"))
        asked.close()
        for cookie in reply.cookies:
            name, _equals, value = cookie.partition(";")[0].partition("=")
            self.jar[name] = value
        self.seen += reply.cookies
        return reply
