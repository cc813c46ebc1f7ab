"""Remembering when somebody was here, so that they can be told what is new since then."""

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


def known_visit(member: Membership) -> Visit | None:
    """None before the first one."""
    try:
        return member.visit
    except Visit.DoesNotExist:
        return None
