"""The cast: ada owns, mo moderates, mel is a member, gus a guest, mute is muted, bert was banned, olga is outside, and
opal, outside too, runs the place.
"""

import os
from collections.abc import Iterator
from datetime import timedelta

import pytest
import pytest_django
from django.core.cache import caches
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test import TransactionTestCase
from django.utils import timezone
from psycopg.errors import DeadlockDetected, ForeignKeyViolation

from accounts.models import User
from communities.models import Community, Membership, Room
from core import counting, installation, limits
from core.models import Installation
from core.translations import compile_catalogues
from tests import factories
from tests.servers import Server, start_server

LONGEST_LOCK_SECONDS = 60


def set_up() -> None:
    """The place of the tests has been set up already; how that is done has tests of its own."""
    Installation.objects.update_or_create(defaults={"set_up_at": timezone.now()}, pk=Installation.ROW)


def pytest_sessionstart() -> None:
    """Once, before the workers of a parallel run: tests read pages in German, too."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        compile_catalogues()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one `xdist_group` run in one worker, which starts their servers once.

    xdist 3.8 appends the group to `_nodeid`, which pytest 9.2 no longer reads: without this every worker starts them.
    """
    for item in items:
        known, grouped = getattr(item, "_id", None), getattr(item, "_nodeid", "")
        if known is not None and grouped.startswith(f"{item.nodeid}@"):
            item._id = type(known).parse(grouped)


#: What migrations put there stays.
_LASTING = {"django_migrations", "django_content_type", "auth_permission"}


def empty_tables() -> None:
    """After a test that committed. Only what it wrote is deleted: emptying all tables anew takes ten times as long.

    A web process may still be about the last of its pages: then again. What holds a table for good fails the test.
    """
    tables = sorted(set(connection.introspection.django_table_names()) - _LASTING)
    looks = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in tables)
    for left in reversed(range(10)):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = '{LONGEST_LOCK_SECONDS}s'")
                cursor.execute("SET LOCAL kreis.purge = 'on'")
                cursor.execute(looks)
                for (table,) in cursor.fetchall():
                    cursor.execute(f"DELETE FROM {table}")
                set_up()  # so that no process sees the place without it
            break
        except (IntegrityError, OperationalError) as error:
            if not left or not isinstance(error.__cause__, (DeadlockDetected, ForeignKeyViolation)):
                raise


@pytest.fixture(scope="session", autouse=True)
def _quick_teardown() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: empty_tables())
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> None:
    with django_db_blocker.unblock():
        set_up()


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    limits._seen.clear()
    counting._here.forget_all()
    caches["default"].clear()
    caches["fragments"].clear()
    # Known for as long as a test takes, so that no page asks; who changes it is heard by the signal.
    installation.keep(Installation(set_up_at=timezone.now()), seconds=3600)


@pytest.fixture
def circle(db: None) -> Community:
    return factories.community("circle")


@pytest.fixture
def ada(circle: Community) -> Membership:
    return factories.member(circle, "Ada", role="owner")


@pytest.fixture
def mo(circle: Community) -> Membership:
    return factories.member(circle, "Mo", role="moderator")


@pytest.fixture
def mel(circle: Community) -> Membership:
    return factories.member(circle, "Mel")


@pytest.fixture
def bea(circle: Community) -> Membership:
    return factories.member(circle, "Bea")


@pytest.fixture
def gus(circle: Community, porch: Room) -> Membership:
    return factories.member(circle, "Gus", role="guest", rooms=[porch])


@pytest.fixture
def mute(circle: Community) -> Membership:
    member = factories.member(circle, "Mute")
    member.muted_until = timezone.now() + timedelta(days=1)
    member.save()
    return member


@pytest.fixture
def bert(circle: Community) -> Membership:
    member = factories.member(circle, "Bert")
    member.banned_at = timezone.now()
    member.save()
    return member


@pytest.fixture
def olga(db: None) -> User:
    return factories.account("olga")


@pytest.fixture
def opal(db: None) -> User:
    user = factories.account("opal")
    user.is_operator = True
    user.save()
    return user


@pytest.fixture
def hall(circle: Community) -> Room:
    return factories.room(circle, "Hall")


@pytest.fixture
def attic(circle: Community, ada: Membership, mo: Membership) -> Room:
    return factories.room(circle, "Attic", chosen=[ada, mo])


@pytest.fixture
def porch(circle: Community) -> Room:
    return factories.room(circle, "Porch")


@pytest.fixture(scope="session")
def shared_server(django_db_setup: None, django_db_blocker: object) -> Iterator[Server]:
    """One web process for all tests of a worker; starting one costs 2 s."""
    running = start_server()
    yield running
    running.process.kill()
    running.process.wait()


@pytest.fixture
def server(shared_server: Server, transactional_db: None) -> Server:
    return shared_server
