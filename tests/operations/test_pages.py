"""The pages of whoever runs the place: health, and groups by number and size."""

import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from communities.models import Community, Membership, Room
from core.version import VERSION
from operations.groups import sizes
from tests import factories


@pytest.fixture
def operator(opal: User) -> Client:
    client = Client()
    client.force_login(opal)
    return client


def test_the_version_is_the_package_s() -> None:
    package = tomllib.loads((Path(settings.BASE_DIR) / "pyproject.toml").read_text())
    assert package["project"]["version"] == VERSION


def test_health_names_each_part(operator: Client) -> None:
    page = operator.get("/operations/").content.decode()
    for words in ("Everything is running", "PostgreSQL", "Redis", "Disk", f"Kreis {VERSION}"):
        assert words in page


def test_a_part_that_does_not_answer_is_told_and_breaks_nothing(operator: Client, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = operator.get("/operations/")
    assert answer.status_code == 200
    assert "does not answer" in answer.content.decode()
    assert "One thing waits" in answer.content.decode()


def test_groups_are_numbered_in_the_order_of_their_founding(db: None) -> None:
    first, second = factories.community("first"), factories.community("second")
    assert second.number == first.number + 1
    second.delete()
    assert factories.community("third").number == first.number + 2


def test_a_group_is_shown_by_its_size(circle: Community, hall: Room, ada: Membership, mel: Membership) -> None:
    empty = factories.community("empty")
    left = factories.member(circle, "Gone")
    Membership.objects.filter(pk=left.pk).update(left_at=timezone.now())
    factories.written_before(ada, hall, 3)
    found = {size.number: size for size in sizes()}
    talking, silent = found[circle.number], found[empty.number]
    assert (talking.people, talking.has_owner, talking.last_active) == (2, True, "this month")
    assert (silent.people, silent.has_owner, silent.last_active, silent.bytes) == (0, False, "not yet", 0)
    assert talking.bytes > 0


def test_when_people_talk_is_told_by_months_only(circle: Community, hall: Room, ada: Membership) -> None:
    message = factories.written_before(ada, hall, 1)[0]
    message.created_at = timezone.now() - timedelta(days=800)
    message.save()
    (size,) = sizes()
    assert size.last_active == f"{message.created_at:%B %Y}"


def test_the_page_of_groups_costs_the_same_for_many(
    operator: Client, circle: Community, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    operator.get("/operations/groups/")
    with django_assert_num_queries(3):
        operator.get("/operations/groups/")
    for number in range(5):
        factories.community(f"more-{number}")
    with django_assert_num_queries(3):
        operator.get("/operations/groups/")


def test_only_operators_are_shown_the_way(operator: Client, mel: Membership) -> None:
    assert 'href="/operations/"' in operator.get("/me/").content.decode()
    client = Client()
    client.force_login(mel.user)  # type: ignore[arg-type]
    assert "/operations/" not in client.get("/me/").content.decode()
    assert "/operations/" not in client.get("/c/circle/").content.decode()
