"""`/healthz` and `/readyz`: what they say, to whom, and that nothing which hangs holds them up."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts.models import Session, User
from config.celery import app
from operations import health, heartbeat
from operations.alive import main as alive
from operations.tasks import give_sign_of_life
from tests.faults.conftest import Redis

TOKEN = "t" * 40
ASKING = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(autouse=True)
def _asked_anew() -> Iterator[None]:
    health.forget()
    with heartbeat.server(seconds=5) as redis:
        redis.delete(heartbeat._KEY)
    yield
    health.forget()


@pytest.fixture
def redis(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Redis]:
    """A Redis that may be broken; only the checks use it."""
    own = Redis()
    settings.REDIS_URL = own.url
    yield own
    own.come_back()
    own.kill()


@pytest.fixture
def watcher(settings: Settings) -> Client:
    settings.HEALTH_TOKEN = TOKEN
    return Client(headers=ASKING)


def problems(client: Client) -> dict[str, str]:
    """Of each part that is not well: what it is."""
    health.forget()
    answer = client.get("/readyz")
    found = {name: part["problem"] for name, part in answer.json()["parts"].items() if not part["ok"]}
    assert (answer.status_code == 200) == (not found) == answer.json()["ready"]
    return found


# ---- /healthz ----


@pytest.mark.parametrize("host", ["testserver", "127.0.0.1:8000", "evil.example", "a b", "10.0.0.7"])
def test_a_process_that_lives_says_so_by_any_name_and_asks_nobody(host: str, settings: Settings) -> None:
    """Without a database: pytest lets nobody ask it here. Without HTTPS, and without a word of the request."""
    settings.SECURE_SSL_REDIRECT = True
    answer = Client(headers={"host": host}).get("/healthz?x=secret")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert not answer.cookies
    assert "Location" not in answer
    assert answer["Cache-Control"] == "no-store, private"


# ---- /readyz: who is told what ----


@pytest.mark.django_db(transaction=True)
def test_strangers_are_told_whether_and_not_what(settings: Settings) -> None:
    settings.HEALTH_TOKEN, settings.SECURE_SSL_REDIRECT = TOKEN, True
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}, {"Authorization": "Bearer "}):
        answer = Client(headers={"host": "any.example", **headers}).get("/readyz")
        assert (answer.status_code, answer.json()) == (503, {"ready": False})
        assert not answer.cookies
        assert answer["Cache-Control"] == "no-store, private"


@pytest.mark.django_db(transaction=True)
def test_without_a_token_an_empty_one_opens_nothing() -> None:
    for said in ("Bearer ", "Bearer", ""):
        assert "parts" not in Client(headers={"Authorization": said}).get("/readyz").json()


@pytest.mark.django_db(transaction=True)
def test_the_operator_is_told_by_session_and_nobody_else() -> None:
    client, person = Client(), User.objects.create_user("op@example.org")
    client.force_login(person)
    assert "parts" not in client.get("/readyz").json()
    person.is_operator = True
    person.save()
    sessions = list(Session.objects.values_list("pk", flat=True))
    answer = client.get("/readyz")
    assert set(answer.json()["parts"]) == {"database", "migrations", "redis", "worker"}
    assert not answer.cookies
    assert list(Session.objects.values_list("pk", flat=True)) == sessions
    person.is_active = False
    person.save()
    assert "parts" not in client.get("/readyz").json()
    client.cookies["sessionid"] = "\x00" * 32
    assert "parts" not in client.get("/readyz").json()


# ---- /readyz: the parts ----


@pytest.mark.django_db(transaction=True)
def test_all_is_well_with_a_worker_that_gave_a_sign(watcher: Client) -> None:
    assert problems(watcher) == {"worker": "silent"}
    give_sign_of_life()
    assert problems(watcher) == {}
    assert watcher.get("/readyz").json()["parts"]["worker"]["last_sign_seconds"] in range(3)


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_gave_no_sign_for_a_while_is_silent(watcher: Client) -> None:
    give_sign_of_life()
    with heartbeat.server(seconds=5) as server:
        server.expire(heartbeat._KEY, heartbeat.REMEMBERED_SECONDS - heartbeat.SILENT_AFTER_SECONDS - 1)
    assert problems(watcher) == {"worker": "silent"}
    assert alive(["worker"]) == 1
    give_sign_of_life()
    assert alive(["worker"]) == 0


@pytest.mark.django_db(transaction=True)
def test_jobs_that_wait_are_counted(watcher: Client) -> None:
    before = watcher.get("/readyz").json()["parts"]["worker"]["waiting"]
    with app.connection_for_write() as queue:
        app.send_task("nobody.does.this", connection=queue)
    health.forget()
    try:
        assert watcher.get("/readyz").json()["parts"]["worker"]["waiting"] == before + 1
    finally:
        with app.connection_for_write() as queue:
            queue.default_channel.queue_purge("celery")  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
def test_a_migration_that_is_missing_is_counted_and_one_too_many_is_not(watcher: Client) -> None:
    give_sign_of_life()
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('core', '9999_later', now())")
        try:
            assert problems(watcher) == {}
            cursor.execute("UPDATE django_migrations SET app = 'corex' WHERE app = 'core'")
            assert problems(watcher) == {"migrations": "missing"}
        finally:
            cursor.execute("UPDATE django_migrations SET app = 'core' WHERE app = 'corex'")
            cursor.execute("DELETE FROM django_migrations WHERE name = '9999_later'")


@pytest.mark.parametrize(("fail", "problem"), [(Redis.kill, "error"), (Redis.freeze, "no answer")])
@pytest.mark.django_db(transaction=True)
def test_redis_away_or_frozen(watcher: Client, redis: Redis, fail: Any, problem: str) -> None:
    """What hangs is told in time, and the other parts all the same."""
    give_sign_of_life()
    assert problems(watcher) == {}
    fail(redis)
    start = time.monotonic()
    found = problems(watcher)
    assert time.monotonic() - start < health.PATIENCE + 2
    assert set(found) == {"redis", "worker"}
    # A client that gives up does so at the same moment as we do.
    assert set(found.values()) <= {problem, "error"}
    redis.come_back()
    give_sign_of_life()
    time.sleep(health.KEPT)
    assert problems(watcher) == {}


@pytest.mark.django_db(transaction=True)
def test_many_who_ask_while_a_part_hangs_wait_for_one_question(
    watcher: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, go_on = [], threading.Event()

    def hang() -> health.Finding:
        asked.append(1)
        go_on.wait(30)
        return health.Finding()

    monkeypatch.setitem(health.CHECKS, "database", hang)
    monkeypatch.setattr(health, "PATIENCE", 0.3)
    try:
        for _time in range(3):
            answer = watcher.get("/readyz")
            assert answer.json()["parts"]["database"]["problem"] == "no answer"
            assert answer.json()["parts"]["redis"]["ok"]
        assert len(asked) == 1
    finally:
        go_on.set()


# ---- By command ----


@pytest.mark.django_db(transaction=True)
def test_the_command_says_it_and_fails_where_a_part_is_down(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("health")
    assert "worker      silent" in capsys.readouterr().out
    give_sign_of_life()
    health.forget()
    call_command("health")
    assert capsys.readouterr().out.count(" ok (") == 4


def test_a_container_finds_out_that_its_web_process_does_not_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert alive(["web", "9"]) == 1
    assert "no answer" in capsys.readouterr().out
    assert alive([]) == 1
