"""Whether the parts of which the place is made do their work: asked by `/readyz`, `manage.py health`, the operator's
page.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, field

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from operations import heartbeat

logger = logging.getLogger(__name__)

#: A part that has not answered until then is down; the answer about the others does not wait for it. Units: seconds.
PATIENCE = 2.0
#: Whoever asks more often is told the same again: nobody can keep the database busy by asking. Units: seconds.
KEPT = 1.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: `problem` is a word in English, "" where all is well."""

    problem: str = ""
    figures: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """One part. `name`: one of CHECKS. `milliseconds`: how long it took to answer, or how long was waited.

    `problem`: "", "no answer", "error", "missing" (migrations, figures: missing) or "silent" (worker, figures:
    last_sign_seconds where there was one, and waiting). No words of the part itself, which may name what is secret.
    """

    name: str
    problem: str
    milliseconds: int
    figures: Mapping[str, int]

    @property
    def is_well(self) -> bool:
        return not self.problem


def look() -> list[Part]:
    """All parts, asked at the same time. Takes `PATIENCE` at most, whatever hangs."""
    now = time.monotonic()
    asked = {name: _ask(name, check) for name, check in CHECKS.items()}
    wait([question.future for question in asked.values()], timeout=PATIENCE)
    return [question.part(name, now) for name, question in asked.items()]


@dataclass
class _Question:
    """One check under way, or done a moment ago."""

    asked_at: float = field(default_factory=time.monotonic)
    answered_at: float = 0.0
    future: "Future[Finding]" = field(default_factory=Future)

    @property
    def is_fresh(self) -> bool:
        return not self.future.done() or time.monotonic() - self.answered_at < KEPT

    def work(self, check: Callable[[], Finding]) -> None:
        try:
            finding = check()
        except Exception as error:
            # Neither its words nor its traceback: both may say where the database lies and who asks.
            logger.warning("A part does not answer as it should: %s.", type(error).__name__)
            finding = Finding("error")
        finally:
            connection.close()  # this thread's own
        self.answered_at = time.monotonic()
        self.future.set_result(finding)

    def part(self, name: str, now: float) -> Part:
        if not self.future.done():
            return Part(name, "no answer", _milliseconds(time.monotonic() - min(now, self.asked_at)), {})
        finding = self.future.result()
        return Part(name, finding.problem, _milliseconds(self.answered_at - self.asked_at), finding.figures)


_lock = threading.Lock()
_questions: dict[str, _Question] = {}


def _ask(name: str, check: Callable[[], Finding]) -> _Question:
    """The question that is under way, or a new one: what hangs has one thread waiting for it, not one per visitor."""
    with _lock:
        question = _questions.get(name)
        if question is None or not question.is_fresh:
            question = _questions[name] = _Question()
            threading.Thread(target=question.work, args=(check,), name=f"health {name}", daemon=True).start()
        return question


def forget() -> None:
    """Ask anew, for tests."""
    with _lock:
        _questions.clear()


def _milliseconds(seconds: float) -> int:
    return max(0, round(seconds * 1000))


# ---- The checks ----


def _database() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Finding()


def _migrations() -> Finding:
    """A database that is ahead, because newer processes run beside this one, is well."""
    applied = set(MigrationRecorder(connection).applied_migrations())
    missing = len(_wanted() - applied)
    return Finding("missing" if missing else "", {"missing": missing})


_wanted_migrations: set[tuple[str, str]] = set()


def _wanted() -> set[tuple[str, str]]:
    """The newest migrations that this version knows. Reading them from the disk takes a moment: once."""
    if not _wanted_migrations:
        _wanted_migrations.update(MigrationLoader(None).graph.leaf_nodes())
    return _wanted_migrations


def _redis() -> Finding:
    with heartbeat.server(seconds=PATIENCE) as redis:
        redis.ping()
    return Finding()


def _worker() -> Finding:
    with heartbeat.server(seconds=PATIENCE) as redis:
        age, waiting = heartbeat.age(redis), heartbeat.waiting(redis)
    figures = {"waiting": waiting} if age is None else {"last_sign_seconds": age, "waiting": waiting}
    is_silent = age is None or age > heartbeat.SILENT_AFTER_SECONDS
    return Finding("silent" if is_silent else "", figures)


CHECKS: dict[str, Callable[[], Finding]] = {
    "database": _database,
    "migrations": _migrations,
    "redis": _redis,
    "worker": _worker,
}
