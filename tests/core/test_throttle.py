"""Limits count what comes, all of it, and say to the second when there is room again."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import caches
from django.http import HttpResponse
from pytest_django import DjangoAssertNumQueries

from accounts.actions import end_other_sessions
from accounts.known_devices import meet
from accounts.models import User
from accounts.sessions import SessionStore
from core import counting, familiar, throttle
from core.cache import RedisOrMemoryCache
from core.counting import Count
from core.throttle import LIMITS, Limit, Rate
from tests import factories
from tests.core.test_cache import Server
from tests.throttling import request_from, spend

MINUTE = timedelta(minutes=1)


def limit(monkeypatch: pytest.MonkeyPatch, **of: Any) -> None:
    """An action of this test's own."""
    monkeypatch.setitem(LIMITS, "try", Limit(**of))


@pytest.fixture(params=["redis", "memory"])
def where(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each of these holds in Redis, and in a process that does not reach it."""
    if request.param == "memory":
        cache = RedisOrMemoryCache("unix:///nowhere/valkey.sock", {"KEY_PREFIX": "away"})
        monkeypatch.setattr(counting, "_cache", lambda: cache)
    return str(request.param)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, to be put forward."""
    now = [1_800_000_000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    return now


def test_so_many_and_no_more(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, address=(Rate(3, MINUTE),))
    spend("try", 3)
    use = throttle.consume(request_from(), "try")
    assert not use
    assert 59 < use.wait <= 60
    assert throttle.consume(request_from("192.0.2.7"), "try"), "another address"


def test_the_wait_is_exact_and_the_window_slides(
    where: str, monkeypatch: pytest.MonkeyPatch, clock: list[float]
) -> None:
    limit(monkeypatch, address=(Rate(3, MINUTE),))
    for at in (0, 10, 20):
        clock[0] = 1_800_000_000.0 + at
        spend("try", 1)
    clock[0] += 10
    for _time in range(5):
        use = throttle.consume(request_from(), "try")
        assert use.wait == pytest.approx(30), "what is refused does not count"
    clock[0] += 29.9
    assert not throttle.consume(request_from(), "try")
    clock[0] += 0.2
    assert throttle.consume(request_from(), "try")
    assert throttle.consume(request_from(), "try").wait == pytest.approx(9.9, abs=0.05)


def test_of_several_windows_the_longest_wait_counts(
    where: str, monkeypatch: pytest.MonkeyPatch, clock: list[float]
) -> None:
    limit(monkeypatch, address=(Rate(2, MINUTE), Rate(4, 60 * MINUTE)))
    spend("try", 2)
    assert throttle.consume(request_from(), "try").wait == pytest.approx(60)
    clock[0] += 61
    spend("try", 2)
    assert throttle.consume(request_from(), "try").wait == pytest.approx(3600 - 61)


def test_what_one_limit_refuses_counts_on_no_other(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, address=(Rate(1, MINUTE),), network=(Rate(2, MINUTE),))
    spend("try", 1)
    for _time in range(5):
        assert not throttle.consume(request_from(), "try")
    assert throttle.consume(request_from("127.0.0.2"), "try"), "the network has one left"
    assert not throttle.consume(request_from("127.0.0.3"), "try")


def test_given_back_is_as_if_it_had_not_been(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, address=(Rate(1, MINUTE),), account=(Rate(1, MINUTE),))
    for _time in range(3):
        use = throttle.consume(request_from(), "try", account="a@example.org")
        assert use
        use.give_back()
    throttle.consume(request_from(), "try")
    throttle.consume(request_from(), "try").give_back()
    assert not throttle.consume(request_from(), "try"), "what was refused has nothing to give back"


def test_what_comes_at_once_cannot_slip_past(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, address=(Rate(10, MINUTE),), account=(Rate(7, MINUTE),))
    with ThreadPoolExecutor(16) as pool:
        uses = list(pool.map(lambda _one: throttle.consume(request_from(), "try", account="a"), range(80)))
    assert sum(bool(use) for use in uses) == 7


def test_a_mailbox_is_one_account_however_it_is_written(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, account=(Rate(1, MINUTE),))
    spend("try", 1, account="Nell@Example.org")
    assert not throttle.consume(request_from("192.0.2.7"), "try", account=" nell@example.ORG")


@pytest.mark.parametrize(
    ("one", "other", "is_one"),
    [
        ("192.0.2.1", "192.0.2.254", True),
        ("192.0.2.1", "192.0.3.1", False),
        ("::ffff:192.0.2.1", "192.0.2.9", True),
        ("2001:db8:1:1::1", "2001:db8:1:ffff::9", True),
        ("2001:db8:1::1", "2001:db8:2::1", False),
    ],
)
def test_a_network_is_counted_as_one(monkeypatch: pytest.MonkeyPatch, one: str, other: str, is_one: bool) -> None:
    limit(monkeypatch, network=(Rate(1, MINUTE),))
    spend("try", 1, address=one)
    assert bool(throttle.consume(request_from(other), "try")) is not is_one


def test_a_household_with_ipv6_is_one_address(monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, address=(Rate(1, MINUTE),))
    spend("try", 1, address="2001:db8::1")
    assert not throttle.consume(request_from("2001:db8::ffff:1"), "try")
    assert throttle.consume(request_from("2001:db8:0:1::1"), "try")


# ---- A way in for whom a stranger would lock out ----


def familiar_cookie(user: User, before: str = "") -> str:
    """What a browser holds in which this person has signed in."""
    request, answer = request_from(familiar=before), HttpResponse()
    familiar.note_signing_in(request, throttle.spelled(user.email), user.pk)
    request.session = SessionStore()
    meet(request, user)
    familiar.keep(request, answer)
    return str(answer.cookies[django_settings.FAMILIAR_COOKIE_NAME].value)


def test_strangers_all_over_the_world_do_not_lock_a_familiar_browser_out(db: None) -> None:
    person = factories.account("nell")
    nell, cookie = person.email, familiar_cookie(person)
    for number in range(60):
        assert throttle.consume(request_from(f"203.{number}.113.7"), "wrong_password", account=nell)
    assert not throttle.consume(request_from("198.51.100.1"), "wrong_password", account=nell)
    known = request_from("198.51.100.1", familiar=cookie)
    uses = [throttle.consume(known, "wrong_password", account=nell) for _time in range(6)]
    assert [bool(use) for use in uses] == [True] * 5 + [False], "with a limit of its own"
    other = throttle.consume(request_from(familiar=cookie), "wrong_password", account="o@example.org")
    assert {count.key.split(":")[1] for count in other.counts} >= {"account", "address", "network"}


def test_one_network_cannot_spend_what_all_have() -> None:
    nell = "nell@example.org"
    for number in range(200):
        throttle.consume(request_from(f"203.0.113.{number % 250}"), "code", account=nell)
    assert throttle.consume(request_from("198.51.100.1"), "code", account=nell), "from another network there is a code"


@pytest.mark.parametrize("made_up", ["", "x", "a" * 22, "a" * 22 + "." + "0" * 24, "\x00", "é" * 30, "a" * 5000])
def test_a_made_up_cookie_makes_no_browser_familiar(made_up: str) -> None:
    assert familiar.device_of(request_from(familiar=made_up), "nell@example.org") == ""


def test_a_browser_that_was_sent_away_has_no_share_of_its_own_any_more(db: None) -> None:
    """Whatever it kept: otherwise who once was let in could guess for a year, under as many names as were laid in."""
    nell = factories.account("nell")
    kept = [familiar_cookie(nell) for _time in range(3)]
    for name in (nell.email, str(nell.pk)):
        assert all(familiar.device_of(request_from(familiar=cookie), name) for cookie in kept)
    end_other_sessions(user=nell, but=None)
    for name in (nell.email, str(nell.pk)):
        assert not any(familiar.device_of(request_from(familiar=cookie), name) for cookie in kept)


def test_no_more_than_twenty_browsers_are_familiar_to_one_account(db: None) -> None:
    nell = factories.account("nell")
    kept = [familiar_cookie(nell) for _time in range(22)]
    known = [bool(familiar.device_of(request_from(familiar=cookie), nell.email)) for cookie in kept]
    assert known == [False] * 2 + [True] * 20


def test_only_who_brings_the_mark_makes_anybody_look(
    db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    nell, other = factories.account("nell"), factories.account("other")
    cookie = familiar_cookie(nell)
    for asked, stranger in ((nell.email, ""), (other.email, cookie), ("nobody@example.org", cookie)):
        with django_assert_num_queries(0):
            throttle.consume(request_from(familiar=stranger), "code", account=asked)
    with django_assert_num_queries(1):
        throttle.consume(request_from(familiar=cookie), "code", account=nell.email)


def test_a_browser_stays_familiar_to_several(db: None) -> None:
    cookie = ""
    for number in range(9):
        cookie = familiar_cookie(factories.account(str(number)), cookie)
    names = {familiar.device_of(request_from(familiar=cookie), f"{number}@example.org") for number in range(3, 9)}
    assert len(names) == 1
    assert names != {""}
    assert familiar.device_of(request_from(familiar=cookie), "0@example.org") == "", "the oldest give way"


def test_proof_forgets_what_was_tried_for_the_account_and_nothing_else() -> None:
    spend("wrong_password", 5, account="nell@example.org")
    assert not throttle.consume(request_from(), "wrong_password", account="nell@example.org")
    throttle.forget(request_from(), "wrong_password", account="nell@example.org")
    spend("wrong_password", 5, account="nell@example.org")
    assert not throttle.consume(request_from(), "wrong_password", account="o@example.org"), "ten of this address"


# ---- When Redis goes ----


def test_redis_that_dies_takes_no_limit_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, address=(Rate(3, MINUTE),))
    with TemporaryDirectory(prefix="kreis-") as folder:
        server = Server(Path(folder))
        server.start()
        cache = RedisOrMemoryCache(server.url, {"KEY_PREFIX": "test"})
        monkeypatch.setattr(counting, "_cache", lambda: cache)
        spend("try", 3)
        assert not throttle.consume(request_from(), "try")
        server.kill()
        spend("try", 3)
        assert not throttle.consume(request_from(), "try"), "counted here"
        throttle.forget(request_from(), "try", account="a")


def test_memory_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MOST_KEYS", 100)
    here = counting.Here()
    for number in range(1000):
        here.take([Count(str(number), 1, 60)], str(number), 1000.0 + number / 1000)
    assert len(here._uses) <= 100
    assert here.take([Count("999", 1, 60)], "x", 1001.0) > 0, "the newest are still counted"


def redis_client() -> Any:
    cache = caches["default"]
    assert isinstance(cache, RedisOrMemoryCache)
    return cache.ask(lambda client: client, lambda: None)


def test_nothing_is_left_in_redis_after_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, address=(Rate(3, timedelta(seconds=1)),))
    spend("try", 1)
    client = redis_client()
    keys = list(client.scan_iter("*throttle*:try:*"))
    assert len(keys) == 1
    assert client.ttl(keys[0]) <= 1


def test_no_address_stands_in_redis() -> None:
    """Neither of a mailbox nor of a connection."""
    spend("code", 1, account="nell@example.org", address="192.0.2.7")
    keys = list(redis_client().scan_iter("*throttle*"))
    assert keys
    assert not [key for key in keys if b"nell" in key or b"192.0" in key]
