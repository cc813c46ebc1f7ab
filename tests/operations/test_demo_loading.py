"""The demo's conversations, whatever the hour at which somebody first looks at them."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from communities.models import Membership, Room
from messaging.models import Message
from operations.demo.loading import load_demo


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 11, 22, 23, 10, tzinfo=UTC),  # ten past midnight in Berlin
        datetime(2026, 11, 23, 4, 30, tzinfo=UTC),
        datetime(2026, 11, 23, 11, 0, tzinfo=UTC),
        datetime(2026, 11, 23, 22, 58, tzinfo=UTC),
    ],
    ids=["at ten past midnight", "early", "at noon", "late"],
)
@pytest.mark.django_db
def test_a_conversation_runs_forward_and_ends_before_now(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: now)
    assert load_demo()
    rooms = Room.objects.all()
    assert len(rooms) > 4
    for room in rooms:
        moments = list(Message.objects.filter(room=room).order_by("sequence").values_list("created_at", flat=True))
        assert moments == sorted(moments), room.name
        assert all(moment <= now for moment in moments), room.name
    newest = Message.objects.latest("created_at").created_at
    assert (now - newest).days < 1, "somebody talked within a day"
    assert not Membership.objects.filter(joined_at__gt=now).exists()
