"""How many people fit in: chosen at founding, changed in the settings of the group."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from communities.actions import limit_size
from communities.models import Community, Membership
from tests import factories


@pytest.fixture
def circle() -> Community:
    return factories.community("circle")


@pytest.fixture
def ada(circle: Community) -> Membership:
    return factories.member(circle, "Ada", role="owner")


def of(member: Membership) -> Client:
    client = Client()
    assert member.user
    client.force_login(member.user)
    return client


def kept(circle: Community) -> int:
    circle.refresh_from_db()
    return circle.size_limit


@pytest.mark.django_db
def test_the_settings_change_it_for_everybody(circle: Community, ada: Membership) -> None:
    url = reverse("community_settings", args=["circle"])
    client = of(ada)
    assert 'value="150"' in client.get(url).content.decode()
    assert client.post(url, {"size_limit": "12", "allows_presence": "on"}).status_code == 302
    assert kept(circle) == 12
    assert not circle.allows_typing, "the switches are saved with it"


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["", "1", "151", "9" * 30, "twelve", "-3", "3.5"])
def test_what_is_no_size_is_said_beside_the_field(circle: Community, ada: Membership, typed: str) -> None:
    answer = of(ada).post(reverse("community_settings", args=["circle"]), {"size_limit": typed})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert kept(circle) == 150
    assert circle.allows_presence, "nothing is saved in halves"


@pytest.mark.django_db
def test_nobody_loses_a_seat(circle: Community, ada: Membership) -> None:
    for name in ("Mel", "Mo"):
        factories.member(circle, name)
    answer = of(ada).post(reverse("community_settings", args=["circle"]), {"size_limit": "2"})
    assert answer.status_code == 422
    assert "3 people have a seat here already" in answer.content.decode()
    assert kept(circle) == 150
    assert circle.allows_presence
    assert limit_size(actor=ada, community=circle, size_limit=3)
    assert not limit_size(actor=ada, community=circle, size_limit=3), "nothing changed"
    with pytest.raises(ValidationError):
        limit_size(actor=ada, community=circle, size_limit=2)


@pytest.mark.django_db
def test_only_those_who_manage_settings_may(circle: Community, ada: Membership) -> None:
    mel = factories.member(circle, "Mel")
    with pytest.raises(PermissionDenied):
        limit_size(actor=mel, community=circle, size_limit=9)
    assert of(mel).post(reverse("community_settings", args=["circle"]), {"size_limit": "9"}).status_code == 403
    assert kept(circle) == 150
