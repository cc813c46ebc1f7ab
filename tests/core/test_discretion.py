"""What a line of the log may say: kinds and places, not what somebody wrote."""

import logging

import psycopg
import pytest
from django.db import IntegrityError, OperationalError

from core.discretion import scrubbed, told, way_to, without_words
from core.logs import Seldom

KEPT = (
    "12:30:45 and 1.2.3",
    "core/requests.py:12",
    "psycopg.errors.UniqueViolation in foo::bar",
    "test_what_a_function_with_a_long_name_does",
    "a request 11111111-1111-4111-8111-111111111111",
    "operations.tasks.give_sign_of_life",
    "/c/<slug:slug>/rooms/<uuid:room>/",
)


@pytest.mark.parametrize("text", KEPT)
def test_what_is_no_secret_stays(text: str) -> None:
    assert scrubbed(text) == text


@pytest.mark.parametrize(
    ("text", "stays"),
    [
        ("to bob.o'hara+x@example.org: refused", "to bob.o'[address]: refused"),
        ("connection to 10.0.0.5:5432 failed", "connection to [address] failed"),
        ("from [2001:db8::1]:443, fe80::1%eth0.", "from [address]:443, [address]."),
        ("client=['203.0.113.7', 555]", "client=['[address]', 555]"),
        ("GET /c/x/search/?q=secret&x=1 was slow", "GET /c/x/search/? was slow"),
        ("GET /i/short/ was slow", "GET /i/[key]/ was slow"),
        ("session 8f3k29dkf02kdkf93kdkf0aa ended", "session [key] ended"),
        ("two\nlines", "two lines"),
    ],
)
def test_what_looks_like_a_secret_goes(text: str, stays: str) -> None:
    assert scrubbed(text) == stays


def failed(text: str) -> ValueError:
    try:
        int(text)
    except ValueError as error:
        return error
    raise AssertionError


def test_of_an_error_the_kind_is_told_and_the_way() -> None:
    error = failed("diary")
    assert told(error) == "ValueError"
    assert "test_discretion.py" in way_to(error)
    assert "int(text)" in way_to(error)
    assert "diary" not in way_to(error)


def test_what_led_to_it_is_told_and_the_parts_of_a_group() -> None:
    try:
        raise KeyError("diary") from failed("diary")
    except KeyError as error:
        way = way_to(ExceptionGroup("diary", [error]))
    assert way.index("ValueError") < way.index("KeyError")
    assert "ExceptionGroup" in way
    assert "diary" not in way.replace('KeyError("diary") from failed("diary")', "")


def test_errors_about_the_program_keep_their_words_and_errors_that_look_like_them_do_not() -> None:
    assert told(AttributeError("'NoneType' object has no attribute 'x'")).endswith("no attribute 'x'")

    class Worse(AttributeError):
        pass

    assert told(Worse("diary")) == "Worse"


def test_of_the_database_the_rule_is_told_and_not_the_row() -> None:
    error = IntegrityError("DETAIL: Key (email)=(bob@example.org) already exists.")
    error.__cause__ = psycopg.errors.UniqueViolation("x")
    assert told(error) == "IntegrityError (23505)"


def test_of_an_outage_the_reason_is_told_without_what_it_quotes() -> None:
    error = OperationalError("could not extend file\nDETAIL:  Key (email)=(bob@example.org)\nCONTEXT: x")
    assert told(error) == "OperationalError: could not extend file"


def test_a_traceback_in_words_loses_its_words() -> None:
    said = 'Traceback (most recent call last):\n  File "/x.py", line 1, in f\n    int(x)\nValueError: diary\n'
    assert without_words(said).splitlines()[1:] == ['  File "/x.py", line 1, in f', "ValueError"]


def test_what_strangers_bring_about_is_told_once_a_minute() -> None:
    seldom = Seldom()
    records = [logging.makeLogRecord({"name": name}) for name in ("a", "a", "b")]
    assert [seldom.filter(record) for record in records] == [True, False, True]
