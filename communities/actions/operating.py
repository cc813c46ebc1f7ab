"""What whoever runs the place may do in a community that has people in it: ask an owner, or tell everybody."""

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from communities.actions.invitations import invite
from communities.actions.shared import check_text
from communities.models import Community, Intervention, Invitation, Membership, Role, Room, SeenIntervention
from communities.permissions import check_consent


def is_peopled(community: Community) -> bool:
    """Whether anybody ever came: not into a community that was just founded by command.

    Where all have left, what they said is still there, and is not the operators' to read.
    """
    return Membership.objects.filter(community=community).exists()


def has_owner(community: Community) -> bool:
    """Whether somebody could consent. Who is kept out for a while counts: keeping them out opens no door."""
    people = Membership.objects.filter(community=community, left_at=None, banned_at=None, user__is_active=True)
    return people.filter(role__code=Role.Code.OWNER).exists()


@transaction.atomic
def ask_to_invite(
    *,
    community: Community,
    role: str = Role.Code.MEMBER,
    rooms: Sequence[Room] = (),
    label: str = "",
    reason: str = "",
    max_uses: int = 1,
    days: int = 7,
    by_force: bool = False,
) -> tuple[Invitation, str]:
    """An invitation made by whoever runs the place, and its token.

    Where there are people it admits nobody before an owner has said yes; `by_force` it does at once, and every member
    is told, with the reason. Where nobody is in it yet it simply works.
    Raises: ValidationError without a reason for force, where nobody could consent, and as `invite` does.
    """
    waits = is_peopled(community) and not by_force
    if waits and not has_owner(community):
        raise ValidationError(_("Nobody in this group could consent: it has no owner."), code="nobody")
    made = invite(
        community=community,
        role=role,
        rooms=rooms,
        label=label,
        max_uses=max_uses,
        days=days,
        needs_consent=waits,
        reason=_checked(reason) if reason else "",
    )
    if by_force:
        intervene(community=community, kind=Intervention.Kind.INVITED, reason=reason)
    return made


def answer_operators(*, actor: Membership, invitation: Invitation, agrees: bool) -> bool:
    """An owner's yes or no. Returns whether it was still to be answered: the first answer counts, and none that comes
    after the invitation has ended.

    Raises: PermissionDenied unless the actor is an owner, also one who no longer is.
    """
    check_consent(actor, invitation)
    with transaction.atomic():
        owners = Membership.objects.current().select_for_update(no_key=True, of=("self",))
        if not owners.filter(pk=actor.pk, role__code=Role.Code.OWNER).exists():
            raise PermissionDenied
        now = timezone.now()
        answer = {"decided_at": now, "decided_by": actor} | ({} if agrees else {"revoked_at": now})
        return bool(Invitation.objects.waiting().filter(pk=invitation.pk).update(**answer))


def intervene(*, community: Community, kind: str, reason: str) -> Intervention | None:
    """Tell every member what the operators did without asking, in the transaction in which they do it.

    None where nobody is there to be told. That somebody was let in without asking stands there for who comes back, too,
    once there was anybody. Raises: ValidationError without a reason.
    """
    present = Membership.objects.filter(community=community, left_at=None, banned_at=None)
    if not (is_peopled(community) if kind == Intervention.Kind.INVITED else present.exists()):
        return None
    return Intervention.objects.create(community=community, kind=kind, reason=_checked(reason))


def _checked(reason: str) -> str:
    if not reason.strip():
        raise ValidationError(_("Say why: every member reads it."), code="required")
    check_text(reason, longest=Intervention.LONGEST_REASON)
    return reason.strip()


def put_aside(*, member: Membership, intervention: Intervention) -> bool:
    """The member has read of it. Returns whether it was news to them. Two clicks are one."""
    if intervention.community_id != member.community_id:
        raise PermissionDenied
    return SeenIntervention.objects.get_or_create(intervention=intervention, membership=member)[1]
