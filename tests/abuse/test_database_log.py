"""PostgreSQL's own log hears of statements that fail, some on purpose. It must not tell what stood in them."""

import os
import uuid
from pathlib import Path

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.models import User
from communities.models import Membership, Room
from messaging.actions import Draft, post_messages
from operations.embedded.postgres import DISCREET

WORDS = "between-us Seelenheil und Sylt"
ADDRESS = "veiled.reader@quiet-house.example"
HASH = "argon2$argon2id$hidden-in-the-hash"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def log() -> Path:
    """Of the server that `make test` started. Each worker has a corner of that folder (`tests.worker`)."""
    corner = Path(os.environ.get("KREIS_VAR", ""))
    found = next((log for of in (corner, corner.parent) if (log := of / "log" / "postgres.log").exists()), None)
    if found is None:
        pytest.skip("the database was given by DATABASE_URL: its log is its owner's")
    return found


def test_it_holds_nothing_of_what_people_write(log: Path, mel: Membership, hall: Room) -> None:
    begun = log.stat().st_size
    draft = Draft(mel, hall, uuid.uuid4(), WORDS)
    assert post_messages([draft]) == post_messages([draft])
    User.objects.create_user(ADDRESS)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email=ADDRESS, password=HASH)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        # The error itself has no words of people in it, but there is more that PostgreSQL would tell with it.
        cursor.execute("SELECT 1 / length(%s) FROM messaging_message WHERE text <> %s", ["", WORDS[::-1]])
    told = log.read_bytes()[begun:].decode()
    assert told.count("duplicate key value violates unique constraint") >= 2
    assert "division by zero" in told
    for secret in (WORDS, "Seelenheil", WORDS[::-1], ADDRESS, "quiet-house", HASH, "hidden-in"):
        assert secret not in told
    assert "STATEMENT:" not in told
    assert "DETAIL:" not in told


def test_the_server_was_told_so(log: Path) -> None:
    with connection.cursor() as cursor:
        for setting in DISCREET:
            name, _equals, value = setting.partition("=")
            cursor.execute("SELECT setting FROM pg_settings WHERE name = %s", [name])
            assert cursor.fetchone() == (value,), name
