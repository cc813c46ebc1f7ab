"""Members from before names were compared by spelling get what new names are compared with."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from communities.actions.names import check_name_is_free
from communities.models import Community, Membership
from core.text import skeleton, spelling
from tests.factories import community, member

pytestmark = pytest.mark.django_db


def set_name_keys() -> None:
    migration = import_module("communities.migrations.0002_names_and_forms")
    with connection.schema_editor() as editor:
        migration.set_name_keys(apps, editor)


@pytest.fixture
def circle() -> Community:
    return community("circle")


def from_before(place: Community, name: str, *, account: str, old: str = "", days: int = 0) -> Membership:
    """A member whose row was written before the keys of today; `old` is how the name was taken to look."""
    made = member(place, account)
    made.display_name, made.name_skeleton, made.name_spelling = name, old, ""
    made.joined_at = timezone.now() - timedelta(days=days)
    made.save()
    return made


def keys(made: Membership) -> tuple[str, str]:
    made.refresh_from_db()
    return made.name_skeleton, made.name_spelling


def test_members_from_before_get_both_keys(circle: Community) -> None:
    # The old key of the second is the new one of the first.
    first = from_before(circle, "Ella", account="first", old="eiia", days=2)
    second = from_before(circle, "Elia", account="second", old="ella", days=1)
    elsewhere = from_before(community("other"), "Ella", account="elsewhere", old="eiia")
    set_name_keys()
    for made, name in [(first, "Ella"), (second, "Elia"), (elsewhere, "Ella")]:
        assert keys(made) == (skeleton(name), spelling(name))
    with pytest.raises(ValidationError):
        check_name_is_free(community_id=circle.pk, name="ELIA", user_id=None)


@pytest.mark.parametrize("later", ["Νίνα", "ΝΙΝΑ", "Νίνα 🌿"])
def test_of_names_that_became_alike_the_first_member_has_the_keys(circle: Community, later: str) -> None:
    # Made first, but joined later.
    second = from_before(circle, later, account="second", old="second", days=1)
    first = from_before(circle, "Νίνα", account="first", old="first", days=2)
    set_name_keys()
    assert keys(first) == (skeleton("Νίνα"), spelling("Νίνα"))
    assert keys(second) == ("", "")
    assert second.display_name == later


def test_who_left_or_was_erased_keeps_no_name_from_anybody(circle: Community) -> None:
    left = from_before(circle, "Ella", account="left", old="old", days=2)
    Membership.objects.filter(pk=left.pk).update(left_at=timezone.now())
    nameless = from_before(circle, "", account="nameless")
    here = from_before(circle, "Ella", account="here")
    set_name_keys()
    assert keys(left) == ("old", "")
    assert keys(nameless) == ("", "")
    assert keys(here) == (skeleton("Ella"), spelling("Ella"))
