"""Remembering when somebody was here, so that they can be told what is new since then."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Case, F, When
from django.utils import timezone

from communities.models import Membership, Visit


def visit(*, member: Membership) -> Visit:
    """Note that the member is here now. Mostly it is known already; at most every ten minutes it costs a write.

    Shape: the member comes with its visit.
    """
    now = timezone.now()
    known = known_visit(member)
    if known is None:
        begun = {"since": member.joined_at, "began_at": now, "last_at": now}
        known, _is_new = Visit.objects.get_or_create(membership=member, defaults=begun)
        member.visit = known
        return known
    last_at = known.last_at
    if now - last_at >= Visit.PAUSE:
        moved = {"since": last_at, "began_at": now, "last_at": now}
    elif now - last_at >= Visit.STEP:
        moved = {"last_at": now}
    else:
        return known
    # Of two pages that open at once one moves it; the other would take the visit that has just begun for the last one.
    if Visit.objects.filter(pk=member.pk, last_at=last_at).update(**moved):
        for name, value in moved.items():
            setattr(known, name, value)
    else:
        known.refresh_from_db()
    return known


def note_visits(members: Sequence[uuid.UUID], now: datetime) -> None:
    """Whoever reads on a page that stayed open is here, too: after a pause in a new visit. One statement for all."""
    lately = Visit.objects.filter(membership__in=members, last_at__lte=now - Visit.STEP)
    # Whoever else is noting the same at this moment does it for us; and in whatever order, nobody waits for anybody.
    free = lately.select_for_update(skip_locked=True, no_key=True).values("pk")
    is_back = When(last_at__lte=now - Visit.PAUSE, then=F("last_at"))
    begun = When(last_at__lte=now - Visit.PAUSE, then=now)
    Visit.objects.filter(pk__in=free).update(
        since=Case(is_back, default=F("since")), began_at=Case(begun, default=F("began_at")), last_at=now
    )


def known_visit(member: Membership) -> Visit | None:
    """None before the first one."""
    try:
        return member.visit
    except Visit.DoesNotExist:
        return None
