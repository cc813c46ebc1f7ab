"""A message filled into its author's mould is the message rendered whole."""

import uuid
from datetime import UTC, datetime

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as some

from communities.models import Community, Membership, Room
from messaging import fragments, markdown
from messaging.models import Message

PLACE = Community(slug="circle")
TEXTS = some.text(some.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)


@given(
    name=TEXTS,
    text=TEXTS,
    sequence=some.integers(1, 2**62),
    at=some.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=some.just(UTC)),  # noqa: DTZ001
    language=some.sampled_from(["de", "en"]),
)
def test_filled_as_rendered(name: str, text: str, sequence: int, at: datetime, language: str) -> None:
    author = Membership(display_name=name, community=PLACE)
    message = Message(
        room=Room(community=PLACE),
        author=author,
        sequence=sequence,
        change=sequence + 1,
        html=markdown.render(text),
        created_at=at,
    )
    with translation.override(language):
        whole = fragments._render(message)
    assert fragments.render(message, language) == whole
    message.pk, message.created_at = uuid.uuid4(), at.replace(microsecond=0)
    with translation.override(language):
        whole = fragments._render(message)
    assert fragments.render(message, language) == whole


@pytest.mark.django_db
def test_a_new_name_makes_a_new_mould(mel: Membership, hall: Room) -> None:
    message = Message(room=hall, author=mel, sequence=1, change=1, html="<p>Hello</p>", created_at=mel.joined_at)
    assert "Mel" in fragments.render(message, "en")
    mel.display_name, mel.profile_version = "Melly", 2
    assert "Melly" in fragments.render(message, "en")
