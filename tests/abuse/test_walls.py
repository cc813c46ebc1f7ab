"""What browsers are told with every answer, by the settings of production, whoever gives the answer."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import User
from communities.models import Membership
from core import walls
from tests.abuse.production import HOST, Browser, Reply, environment, running
from tests.servers import Server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("production")]


@dataclass
class Production:
    server: Server
    var: Path


@pytest.fixture(scope="module")
def shared(
    django_db_setup: None, django_db_blocker: object, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Production]:
    var = tmp_path_factory.mktemp("production")
    with running(var, var / "log") as server:
        yield Production(server, var)


@pytest.fixture
def server(shared: Production, transactional_db: None) -> Server:
    return shared.server


def static_files(var: Path) -> list[str]:
    """One of each kind, under its hashed name."""
    kinds: dict[str, str] = {}
    for path in sorted((var / "static").rglob("*.*")):
        if re.search(r"\.[0-9a-f]{12}\.\w+$", path.name):
            kinds.setdefault(path.suffix, f"/static/{path.relative_to(var / 'static')}")
    assert {".css", ".js", ".svg"} <= set(kinds)
    return list(kinds.values())


def assert_walled(reply: Reply, what: str, *, is_page: bool = True) -> None:
    for name, value in walls.STANDING.items():
        if name == "Referrer-Policy":
            assert reply[name] in {"same-origin", "no-referrer"}, what
        else:
            assert reply[name] == value, (what, name)
    policy = reply["Content-Security-Policy"]
    for directive in ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert directive in policy, what
    assert "unsafe" not in policy, what
    assert "Server" not in [name for name, _value in reply.headers], what
    if is_page:
        assert "no-store" in reply["Cache-Control"], what


def test_every_kind_of_answer_bears_the_headers(server: Server, shared: Production, mel: Membership) -> None:
    browser, plain = Browser(server), Browser(server, is_secure=False)
    answers = {
        "page": browser.get("/accounts/login/"),
        "redirect": browser.get("/"),
        "not found": browser.get("/nothing/"),
        "not allowed": browser.ask("OPTIONS", "/accounts/login/", b"", {}),
        "no form of ours": browser.ask("POST", "/accounts/login/", b"", {}),
        "no host of ours": browser.get("/", Host="evil.example"),
        "left": browser.get("/leave/"),
        "healthz": browser.get("/healthz"),
        "readyz": browser.get("/readyz"),
        "invitation": browser.get("/i/wrong-token/"),
        "picture": browser.get("/pictures/11111111-1111-4111-8111-111111111111/"),
    }
    for what, reply in answers.items():
        assert_walled(reply, what)
        assert "max-age=31536000" in reply["Strict-Transport-Security"], what
    assert {reply.status for reply in answers.values()} == {200, 302, 400, 403, 404, 405, 503}
    to_https = plain.get("/i/token/")
    assert (to_https.status, to_https["Location"]) == (301, f"https://{HOST}/i/token/")
    assert_walled(to_https, "the way to HTTPS")
    for path in static_files(shared.var):
        reply = browser.get(path)
        assert reply.status == 200, path
        assert_walled(reply, path, is_page=False)
        assert "immutable" in reply["Cache-Control"]
    assert_walled(browser.get("/static/nothing.css"), "no file")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("GET /live/ HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", 400),
        (
            "GET /live/ HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nOrigin: https://evil\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            403,
        ),
        (
            f"GET /live/ HTTP/1.1\r\nHost: {HOST}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Origin: https://{HOST}\r\nX-Forwarded-Proto: https\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            101,
        ),
        (f"GET / HTTP/1.1\r\nHost: {HOST}\r\nX-Value: a\x0bb\r\n\r\n", 400),
    ],
    ids=["no-handshake", "other-site", "handshake", "no-value"],
)
def test_what_the_server_answers_by_itself_bears_them_too(server: Server, asked: str, status: int) -> None:
    with socket.create_connection(("localhost", server.port), 20) as connection:
        connection.sendall(asked.encode("latin-1"))
        said = b""
        while b"\r\n\r\n" not in said and (part := connection.recv(65536)):
            said += part
    head, _blank, body = said.decode("latin-1").partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    headers = [(line.partition(": ")[0], line.partition(": ")[2]) for line in lines]
    assert first.startswith(f"HTTP/1.1 {status}")
    assert_walled(Reply(status, headers, body), first)
    assert "evil" not in said.decode("latin-1")
    assert "Daphne" not in body


def test_every_cookie_is_of_this_host_alone_and_no_script_reads_it(server: Server, ada: Membership) -> None:
    """Signing in, being refused, the language, notices, an invitation, signing out."""
    browser = Browser(server)
    assert ada.user is not None
    ada.user.set_password("vier ruhige Worte hier")
    ada.user.save()
    where = f"/c/{ada.community.slug}"
    for _time in range(2):
        browser.send("/accounts/login/", login=ada.user.email, password="wrong words of mine", way="password")
    browser.send("/accounts/login/", "/language/", language="de", next="/accounts/login/")
    browser.send("/accounts/login/", "/language/", language="xx", next="/accounts/login/")
    signed_in = browser.send("/accounts/login/", login=ada.user.email, password="vier ruhige Worte hier")
    assert signed_in.status == 302, signed_in.text
    assert browser.get(f"{where}/").status == 200
    browser.send("/me/", "/me/devices/others/end/")
    browser.send(f"{where}/invitations/", max_uses="1", days="7")
    browser.get(f"{where}/invitations/")
    browser.send("/me/", "/accounts/logout/")
    browser.send("/accounts/password/reset/", email=ada.user.email)
    names = set()
    for line in browser.seen:
        (name, cookie), *more = SimpleCookie(line).items()
        assert not more
        names.add(name)
        assert cookie["secure"], line
        assert not cookie["domain"], line
        if cookie["max-age"] == "0" or cookie["max-age"] == 0:
            continue  # being forgotten
        assert cookie["httponly"], line
        assert cookie["samesite"] in {"Lax", "Strict"}, line
        if name.startswith("__Secure-"):
            assert cookie["path"].startswith(f"{where}/"), line
        else:
            assert name.startswith("__Host-"), line
            assert cookie["path"] == "/", line
    assert {"__Host-session", "__Host-csrf", "__Host-language", "__Host-notices"} <= names
    assert "__Secure-new-invitation" in names
    assert User.objects.filter(pk=ada.user.pk).exists()


UNSAFE = {
    "KREIS_DEMO": ("1", "KREIS_DEMO is set without KREIS_DEBUG"),
    "KREIS_DEBUG": ("1", "KREIS_DEBUG is for this machine alone"),
    "KREIS_TEST": ("1", "KREIS_TEST is for this machine alone"),
    "KREIS_SECRET_KEY": ("short", "KREIS_SECRET_KEY is too short"),
    "KREIS_SEAL_KEY": ("", "KREIS_SEAL_KEY is missing or too short"),
    "KREIS_ALLOWED_HOSTS": ("*", "KREIS_ALLOWED_HOSTS must name the hosts"),
    "KREIS_BASE_URL": (f"http://{HOST}", "KREIS_BASE_URL must begin with https"),
    "KREIS_HEALTH_TOKEN": ("short", "KREIS_HEALTH_TOKEN is too short"),
    "KREIS_TRUSTED_ORIGINS": (f"http://{HOST}", "KREIS_TRUSTED_ORIGINS must name whole origins"),
    "KREIS_TRUSTED_PROXIES": ("-1", "KREIS_TRUSTED_PROXIES is the number of your own proxies"),
}
PROCESSES = {
    "web": ["daphne", "-p", "0", "config.asgi:application"],
    "worker": ["celery", "--quiet", "-A", "config.celery", "worker", "--pool", "threads"],
    "beat": ["celery", "--quiet", "-A", "config.celery", "beat", "--pidfile="],
}


def ends_with(command: list[str], said: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], env=said, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=60
    )
    assert done.returncode, done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("name", UNSAFE)
def test_a_web_process_does_not_start_with_unsafe_settings(name: str, tmp_path: Path) -> None:
    value, sentence = UNSAFE[name]
    told = ends_with(PROCESSES["web"], environment(tmp_path) | {name: value})
    assert f"Kreis does not start: {sentence}" in told
    assert "Traceback" not in told


@pytest.mark.parametrize("process", ["worker", "beat"])
def test_nor_do_worker_and_clock(process: str, tmp_path: Path) -> None:
    more = ["--schedule", str(tmp_path / "beat")] if process == "beat" else []
    told = ends_with([*PROCESSES[process], *more], environment(tmp_path) | {"KREIS_SECRET_KEY": "short"})
    assert "Kreis does not start: KREIS_SECRET_KEY is too short" in told
    assert "Traceback" not in told


def test_nor_do_commands(tmp_path: Path) -> None:
    for command in ("prepare", "migrate", "health"):
        said = environment(tmp_path) | {"KREIS_SECRET_KEY": "short"}
        done = subprocess.run(
            [sys.executable, "manage.py", command], env=said, cwd=settings.BASE_DIR, capture_output=True, text=True
        )
        assert done.returncode, command
        assert "KREIS_SECRET_KEY is too short" in done.stderr, command
