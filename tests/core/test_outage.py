"""An outage is one line in the log, whoever logs it; a mistake of ours keeps its traceback."""

import io
import logging

import psycopg
import pytest
from django.db import DataError, InternalError, OperationalError
from kombu.exceptions import OperationalError as QueueError

from core.outage import InOneLine, is_outage


def logged(error: Exception) -> str:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(InOneLine())
    try:
        raise error
    except Exception as caught:
        record = logging.LogRecord("x", logging.ERROR, "x", 1, "It %s.", ("failed",), (type(caught), caught, None))
        record.exc_info = (type(caught), caught, caught.__traceback__)
    handler.handle(record)
    return stream.getvalue()


def test_an_outage_is_one_line_with_reason_and_place() -> None:
    line = logged(OperationalError("server closed the connection\n\tunexpectedly"))
    assert line.startswith("It failed. OperationalError: server closed the connection unexpectedly (tests/core/")
    assert line.count("\n") == 1


def test_a_mistake_keeps_its_traceback() -> None:
    assert "Traceback" in logged(DataError("invalid input"))
    assert "Traceback" in logged(RuntimeError("ours"))


def test_a_transaction_that_was_ended_for_standing_still_is_an_outage() -> None:
    error = InternalError("terminating connection")
    assert not is_outage(error)
    error.__cause__ = psycopg.errors.IdleInTransactionSessionTimeout("terminating connection")
    assert is_outage(error)


@pytest.mark.parametrize("error", [QueueError("broker"), psycopg.OperationalError("x")], ids=["queue", "driver"])
def test_other_services_count_too(error: Exception) -> None:
    assert is_outage(error)
