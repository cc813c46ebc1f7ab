"""Which names are free in a community: nobody's present one, and nobody's former one for a while."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from communities.models import FormerName, Membership
from core.keys import keyed_hash
from core.text import skeleton, spelling


def keys_of(name: str) -> dict[str, str]:
    """The fields of a membership that tell names apart: none of them may be another member's."""
    return {"name_skeleton": skeleton(name), "name_spelling": spelling(name)}


def check_name_is_free(*, community_id: Any, name: str, user_id: Any) -> None:
    """Whether the account may have this name; its own, present and former, it may.

    Raises: ValidationError where somebody else has it, had it within 90 days, or has one that looks like it.
    """
    keys = keys_of(name)
    members = Membership.objects.filter(community_id=community_id, left_at=None).exclude(user_id=user_id)
    # In this order: who gives the name up between the two questions is found by one of them.
    if members.filter(Q(name_skeleton=keys["name_skeleton"]) | Q(name_spelling=keys["name_spelling"])).exists():
        raise name_is_taken()
    hashes = _hashes(community_id, **keys)
    alike = Q(skeleton_hash=hashes["skeleton_hash"]) | Q(spelling_hash=hashes["spelling_hash"])
    kept = FormerName.objects.filter(alike, given_up_at__gt=timezone.now() - FormerName.KEPT_FOR)
    if kept.exclude(membership__user_id=user_id).exists():
        raise name_is_taken()


def keep_former_name(member: Membership) -> None:
    """Keep the name in this copy of the membership from others; for whoever renames, leaves or is erased.

    Asked again for somebody who had left already, it is kept from then on, no longer.
    """
    if not member.display_name:
        return
    hashes = _hashes(member.community_id, skeleton(member.display_name), spelling(member.display_name))
    given_up_at = member.left_at or timezone.now()
    FormerName.objects.update_or_create(membership=member, **hashes, defaults={"given_up_at": given_up_at})
    newest = member.former_names.order_by("-given_up_at", "-pk").values("pk")[: FormerName.MOST_KEPT]
    member.former_names.exclude(pk__in=newest).delete()


def delete_old_names() -> int:
    """Former names that anybody may have again."""
    return FormerName.objects.filter(given_up_at__lte=timezone.now() - FormerName.KEPT_FOR).delete()[0]


def name_is_taken() -> ValidationError:
    return ValidationError(_("This name or one that looks like it is taken here. Choose another."), code="taken")


def _hashes(community_id: Any, name_skeleton: str, name_spelling: str) -> dict[str, Any]:
    return {
        "skeleton_hash": keyed_hash("former-name-skeleton", str(community_id), name_skeleton),
        "spelling_hash": keyed_hash("former-name-spelling", str(community_id), name_spelling),
    }
