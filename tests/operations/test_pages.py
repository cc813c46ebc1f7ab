"""The pages of whoever runs the place: health, and groups by number and size."""

import re
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from communities.models import Community, Invitation, Membership, Room
from core.version import VERSION
from operations import health, heartbeat
from operations.groups import sizes
from operations.models import LogEntry
from tests import factories
from tests.accounts.doors import signed_in_just_now


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
    for words in ("PostgreSQL", "Redis", "Disk", f"Kreis {VERSION}"):
        assert words in page


def test_all_is_well_where_the_worker_gave_a_sign(operator: Client) -> None:
    heartbeat.give()
    health.forget()
    assert "Everything is running" in operator.get("/operations/").content.decode()
    with heartbeat.server(seconds=2) as server:
        server.delete(heartbeat._KEY)
    health.forget()
    page = operator.get("/operations/").content.decode()
    assert "One thing waits" in page
    assert "nobody does them" in page


def test_a_part_that_does_not_answer_is_told_and_breaks_nothing(operator: Client, settings: Settings) -> None:
    health.forget()
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = operator.get("/operations/")
    assert answer.status_code == 200
    assert "does not answer" in answer.content.decode()
    health.forget()


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


# ---- Asking a group ----


def test_a_group_is_asked_by_its_number_and_the_link_is_shown_once(opal: User, ada: Membership) -> None:
    client, number = signed_in_just_now(Client(), opal), ada.community.number
    address = f"/operations/groups/{number}/invitation/"
    form = {"label": "Nora", "role": "member", "reason": "She asked me."}
    page = client.post(address, form, follow=True).content.decode()
    found = re.search(r"http://testserver/i/[\w-]+/", page)
    assert found
    assert Client().get(found[0]).status_code == 404
    assert found[0] not in client.get(address).content.decode()
    asked = Invitation.objects.get()
    assert (asked.is_waiting, asked.label, asked.reason) == (True, "Nora", "She asked me.")
    assert LogEntry.objects.get().details == {"group": number, "role": "member"}


def test_an_empty_group_is_invited_to_at_once(opal: User, circle: Community) -> None:
    client = signed_in_just_now(Client(), opal)
    address = f"/operations/groups/{circle.number}/invitation/"
    page = client.post(address, {"label": "Nora", "role": "owner"}, follow=True).content.decode()
    assert Client().get(re.search(r"http://testserver/i/[\w-]+/", page)[0]).status_code == 200  # type: ignore[index]


def test_where_nobody_could_consent_the_page_says_so(opal: User, mel: Membership) -> None:
    client = signed_in_just_now(Client(), opal)
    address = f"/operations/groups/{mel.community.number}/invitation/"
    assert "nobody who could consent" in client.get(address).content.decode()
    assert client.post(address, {"label": "x", "role": "owner", "reason": "x"}).status_code == 422
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("number", ["0", "999999", "9" * 30])
def test_a_number_of_no_group_is_not_there(opal: User, circle: Community, number: str) -> None:
    client = signed_in_just_now(Client(), opal)
    assert client.get(f"/operations/groups/{number}/invitation/").status_code == 404


def test_no_page_of_the_operators_names_a_group_a_room_or_a_person(
    opal: User, circle: Community, ada: Membership, mel: Membership, attic: Room
) -> None:
    """All of them, whatever is added: each is searched for every name that stands in the database."""
    names = {"Zirkelnamen", "Dachkammerchen", "Adalberta", "Melusine", "zirkelslug", "Zirkelzweck"}
    Community.objects.filter(pk=circle.pk).update(name="Zirkelnamen", slug="zirkelslug", purpose="Zirkelzweck")
    Room.objects.filter(pk=attic.pk).update(name="Dachkammerchen")
    Membership.objects.filter(pk=ada.pk).update(display_name="Adalberta")
    Membership.objects.filter(pk=mel.pk).update(display_name="Melusine")
    client = signed_in_just_now(Client(), opal)
    known = {"number": circle.number, "account": mel.user_id}
    seen = 0
    for pattern in flat(get_resolver().url_patterns):
        if not str(pattern.name).startswith("operations"):
            continue
        url = reverse(str(pattern.name), kwargs={name: known[name] for name in pattern.pattern.converters})
        answer = client.get(url)
        seen += answer.status_code == 200
        words = answer.content.decode()
        assert not {name for name in names if name in words}, url
        assert not {str(one.pk) for one in (circle, ada, mel, attic) if str(one.pk) in words}, url
    assert seen >= 9


def flat(patterns: "list[URLPattern | URLResolver]") -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from flat(pattern.url_patterns)
        else:
            yield pattern
