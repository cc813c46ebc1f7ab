"""Whoever reads the log learns what failed and in whose request, and nothing of what was said or by whom."""

import asyncio
import contextlib
import http.client
import http.cookiejar
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from communities.actions import invite
from communities.models import Membership, Room
from tests.abuse.leaks import WAYS
from tests.realtime.talking import Browser, act, enter, page_at, post, session
from tests.servers import Server, database_url, start_server

WORDS = "only-for-friends Tagebuch über Sylt"
ADDRESS = "veiled.person@secret-house.example"
NETWORK = "203.0.113.77"
NETWORK_6 = "2001:db8:77::abcd"
QUERY = "q-in-the-address-bar"
#: What strangers and friends say; none of it may stand in any line.
SECRETS = {WORDS, "Tagebuch", ADDRESS, "secret-house", NETWORK, NETWORK_6, QUERY, "vier geheime Worte"}
#: As `make run` starts it.
QUIET = {"PYTHONWARNINGS": "ignore::UserWarning"}
WORKER = ("--pool", "threads", "--concurrency", "1", "--without-gossip", "--without-mingle")

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("logs")]


@dataclass
class Told:
    """A web process and a worker, and what both wrote."""

    server: Server
    worker: "subprocess.Popen[bytes]"
    logs: tuple[Path, Path]

    def text(self) -> str:
        return "".join(log.read_text() for log in self.logs)

    def lines(self, place: int = 0) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.logs[place].read_text().splitlines()]

    def wait_for(self, event: str, place: int = 0) -> dict[str, Any]:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            for line in self.lines(place):
                if event in line["event"]:
                    return line
            time.sleep(0.1)
        raise AssertionError(f"{event!r} is not told:\n{self.text()}")

    def forget(self) -> None:
        for log in self.logs:
            log.write_bytes(b"")


@pytest.fixture(scope="module")
def both(django_db_setup: None, django_db_blocker: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("logs")
    web, background = folder / "web", folder / "worker"
    with web.open("ab") as of_web, background.open("ab") as of_worker:
        server = start_server(
            application="tests.abuse.leaky_asgi:application",
            log=of_web,
            options=["-v", "0"],
            KREIS_LOG="json",
            KREIS_TRUSTED_PROXIES="1",
        )
        prefix = settings.CACHES["default"]["KEY_PREFIX"]
        worker = subprocess.Popen(
            [sys.executable, "-m", "celery", "--quiet", "-A", "tests.abuse.leaky_celery", "worker", *WORKER],
            env={**os.environ, "DATABASE_URL": database_url(), "KREIS_PREFIX": prefix, "KREIS_LOG": "json"} | QUIET,
            stdout=of_worker,
            stderr=of_worker,
        )
    yield Told(server, worker, (web, background))
    for process in (server.process, worker):
        process.kill()
        process.wait()


@pytest.fixture
def told(both: Told, transactional_db: None) -> Told:
    both.forget()
    return both


def assert_nothing_is_told(told: Told, *more: str) -> None:
    text = told.text()
    for secret in {*SECRETS, *more}:
        for way in (secret, json.dumps(secret)[1:-1], urllib.parse.quote(secret), urllib.parse.quote_plus(secret)):
            assert way not in text, f"{way!r} stands in the log:\n{text}"


async def ask(told: Told, path: str, key: str = "", **fields: str) -> Any:
    return await Browser(told.server, key).post(path, 30, **fields)


@pytest.mark.parametrize("way", sorted(WAYS))
async def test_a_failure_is_told_without_what_it_failed_over(told: Told, mel: Membership, way: str) -> None:
    """By form, in the address, by frame; each with the number of its request, also where the work goes on elsewhere."""
    key = await session(mel)
    said = ADDRESS if way == "twice" else WORDS
    answer = await ask(told, f"/i/fail/{way}/", key, said=said)
    await Browser(told.server, key).get(f"/i/fail/{way}/?{urllib.parse.urlencode({'said': said, QUERY: QUERY})}")
    async with page_at(told.server, key) as page:
        await page.send(type="fail", way=way, said=said)
        async with asyncio.timeout(20):
            assert (await page.next())["type"] in {"failed", "failed-not"}
    place = 1 if way == "by_job" else 0
    line = told.wait_for("" if way != "by_job" else "leaky_celery.fail_over", place)
    await asyncio.sleep(0.3)
    assert_nothing_is_told(told, key)
    assert {"time", "level", "logger", "process", "event"} <= set(line)
    if answer.status == 500:
        number = re.search(r"[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}", answer.text)
        assert number, "the page says the number"
        mine = [one for one in told.lines() if one.get("request") == number.group()]
        assert [one["event"] for one in mine] == ["Internal Server Error 500 POST /i/fail/<str:way>/"]
        assert way in mine[0]["traceback"], "the way there is told"
        by_frame = [one for one in told.lines() if re.fullmatch(r"(\w{4}-){2}\w{4}\.1", one.get("request", ""))]
        assert any("could not be handled" in one["event"] for one in by_frame)
    elif way not in {"unraisable", "in_a_thread"}:
        assert line["request"], "what goes on elsewhere bears the number, too"


async def test_a_job_bears_the_number_of_the_request_that_queued_it(told: Told, mel: Membership) -> None:
    key = await session(mel)
    wanted = urllib.parse.urlencode({"said": WORDS})
    reply = await asyncio.to_thread(_raw_get, told.server, f"/i/fail/by_job/?{wanted}")
    line = told.wait_for("Task tests.abuse.leaky_celery.fail_over failed: ValueError", 1)
    assert (line["request"], line["process"]) == (reply["X-Request-ID"], "worker")
    assert line["task"] == "tests.abuse.leaky_celery.fail_over"
    assert "leaky_celery.py" in line["traceback"]
    assert_nothing_is_told(told, key)


async def test_a_number_that_a_client_says_is_not_believed(told: Told) -> None:
    reply = await asyncio.to_thread(_raw_get, told.server, "/healthz", {"X-Request-ID": "my-own-number"})
    assert re.fullmatch(r"([a-z2-9]{4}-){2}[a-z2-9]{4}", reply["X-Request-ID"])


def _raw_get(server: Server, path: str, headers: dict[str, str] | None = None) -> Any:
    asked = http.client.HTTPConnection("localhost", server.port, timeout=30)
    asked.request("GET", path, headers=headers or {})
    reply = asked.getresponse()
    reply.read()
    asked.close()
    return reply.headers


async def test_the_site_in_use_tells_nothing_of_its_people(told: Told, ada: Membership, hall: Room) -> None:
    """Signing up and in, inviting, posting by form and socket, searching, refusals, strangers: the log stays empty,
    but for what the operator has to know."""

    key, asker = await session(ada), _Person(told.server)
    slug = hall.community.slug
    await asyncio.to_thread(asker.sign_up, await _invitation(ada))
    me = Browser(told.server, key)
    await me.write(hall, WORDS)
    await me.get(f"/c/{slug}/search/?q={urllib.parse.quote(WORDS)}&{QUERY}=1")
    await me.post(f"/c/{slug}/invitations/", max_uses="1", days="7", label=WORDS, note=WORDS)
    await me.post(f"/c/{slug}/invitations/", max_uses=WORDS, days="-1")
    await me.get(f"/c/{slug}/rooms/{uuid.uuid4()}/?{QUERY}")
    await me.get(f"/{urllib.parse.quote(WORDS)}/")
    for path in ("/accounts/login/", "/accounts/password/reset/", "/accounts/login/code/"):
        await ask(told, path, login=ADDRESS, email=ADDRESS, password="vier geheime Worte", way="password")
    async with page_at(told.server, key) as page:
        await enter(page, hall)
        await post(page, hall, WORDS)
        await page.socket.send(f"no frame: {WORDS}")
        await page.socket.send(json.dumps({"type": WORDS, "stream": WORDS, "client_id": WORDS}))
        await page.socket.send(json.dumps({"type": "post", "room": WORDS, "text": 7, "client_id": WORDS}))
        await page.socket.send(json.dumps({"type": "subscribe", "stream": "room", "room": "\x00" + WORDS}))
        await asyncio.sleep(0.5)
    await asyncio.to_thread(_strange_requests, told.server, key)
    await asyncio.sleep(0.5)
    assert_nothing_is_told(told, key, str(ada.user.email if ada.user else ""), asker.token)
    events = {line["event"] for line in told.lines() if line["logger"] != "realtime.bus"}
    assert events <= {
        "Somebody came by a host name that KREIS_ALLOWED_HOSTS does not name.",
        "csrf 403 POST /accounts/login/",
    }, events


async def _invitation(ada: Membership) -> str:
    return str((await act(invite, community=ada.community, inviter=ada))[1])


@dataclass
class _Person:
    """Somebody who comes by an invitation, with cookies as a browser keeps them."""

    server: Server
    token: str = ""

    def sign_up(self, token: str) -> None:
        self.token = token
        jar = http.cookiejar.CookieJar()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(jar))
        opener.addheaders = [("X-Forwarded-For", f"{NETWORK}, {NETWORK_6}")]
        for path, fields in (
            (f"/i/{token}/", {"agree": "on"}),
            ("/accounts/signup/", {"email": ADDRESS, "password1": "vier geheime Worte hier"}),
            ("/accounts/confirm/", {"code": "000000"}),
        ):
            page = opener.open(f"{self.server.url}{path}?{QUERY}=1", timeout=30).read().decode()
            form_token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
            assert form_token, page
            body = urllib.parse.urlencode(fields | {"csrfmiddlewaretoken": form_token.group(1)}).encode()
            with contextlib.suppress(urllib.error.HTTPError):  # a wrong code is 422
                opener.open(f"{self.server.url}{path}", body, timeout=30).read()


def _strange_requests(server: Server, key: str) -> None:
    """What no browser sends."""
    name = settings.SESSION_COOKIE_NAME
    for request in (
        f"GET /i/{QUERY}/ HTTP/1.1\r\nHost: {ADDRESS.partition('@')[2]}\r\n\r\n",
        f"GET / HTTP/1.1\r\nHost: {NETWORK}:1\r\nX-Forwarded-Host: {NETWORK}\r\n\r\n",
        f"POST /accounts/login/?{QUERY} HTTP/1.1\r\nHost: localhost:{server.port}\r\nContent-Length: 5\r\n\r\nlogin",
        f"POST /accounts/login/ HTTP/1.1\r\nHost: localhost:{server.port}\r\nCookie: {name}={key}\r\n"
        f"Content-Type: multipart/form-data; boundary={QUERY}\r\nContent-Length: 12\r\n\r\n{ADDRESS[:12]}",
        f"GET /live/?{QUERY} HTTP/1.1\r\nHost: {NETWORK}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nOrigin: http://{NETWORK}\r\n\r\n",
        f"GET /\xff{QUERY} HTTP/1.1\r\nHost: x\r\n\r\n",
        f"G\xc3T /?{QUERY} HTTP/1.1\r\nHost: x\r\nCookie: {name}=\x00{key}\r\n\r\n",
        f"GET / HTTP/9.9 {ADDRESS}\r\n\r\n",
        f"{WORDS}\r\n\r\n",
    ):
        with socket.create_connection(("localhost", server.port), 10) as connection:
            connection.sendall(request.encode("latin-1", "replace"))
            connection.settimeout(1)
            try:
                connection.recv(65536)
            except TimeoutError:
                continue
