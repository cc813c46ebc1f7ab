"""Inviting, and what an invitation still admits."""

import json
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from communities.actions.shared import check_seat_is_free, check_text
from communities.models import (
    Community,
    Invitation,
    Membership,
    PendingJoin,
    Role,
    Room,
)
from communities.permissions import (
    check_invite_members,
    check_revoke_invitation,
)
from core.keys import keyed_hash, new_token

INVITATION_PURPOSE = "invitation"
#: So many may have begun to join, for each who may end it: some turn back, some begin again in another browser.
BEGUN_PER_USE = 5
#: What was begun so long ago may give way to somebody new; what is younger may not.
KEPT_FOR_SURE = timedelta(hours=1)


class InvalidInvitation(Exception):
    """Expired, revoked, used up, unknown, or not for this person: one answer for all of them."""


class TooManyBegun(Exception):
    """More people begin to join by this invitation just now than it can ever admit."""


def invite(
    *,
    community: Community,
    inviter: Membership | None = None,
    role: str = Role.Code.MEMBER,
    rooms: Sequence[Room] = (),
    label: str = "",
    note: str = "",
    shows_inviter: bool = True,
    max_uses: int = 1,
    days: int = 7,
    form_id: uuid.UUID | None = None,
    needs_consent: bool = False,
    reason: str = "",
) -> tuple[Invitation, str]:
    """An invitation and its token, which stands nowhere else and is shown once.

    `rooms` are the rooms of the community for which whoever joins is chosen; guests see no others.
    With `needs_consent` it admits nobody before an owner has said yes; `reason` is what they read.
    `form_id` is random and made with the page: the same form sent twice makes one invitation, and both learn its token.
    Raises: PermissionDenied where the inviter may not invite (any more), may not give the role, or does not see one of
    the rooms; ValidationError for uses, days, texts or rooms that cannot be, and where every seat is taken.
    """
    given = community.roles.get(code=role)
    if inviter is not None:
        check_invite_members(inviter, given)
    _check_invitation(community, rooms, label, note, max_uses, days)
    words = {"label": label.strip(), "note": note.strip(), "shows_inviter": shows_inviter, "max_uses": max_uses}
    form_hash, token = _form_hash_and_token(inviter, form_id, [role, days, sorted(str(r.pk) for r in rooms), words])
    with transaction.atomic():
        if inviter is not None:
            _check_inviter_is_still_here(inviter, rooms)
        # Asked under the inviter's lock: a second click that runs beside the first waits above and finds its row here.
        made = Invitation.objects.filter(form_hash=form_hash).first() if form_hash else None
        if made is not None:
            return made, token
        check_seat_is_free(community)
        invitation = Invitation.objects.create(
            community=community,
            role=given,
            inviter=inviter,
            form_hash=form_hash,
            token_hash=keyed_hash(INVITATION_PURPOSE, token),
            expires_at=timezone.now() + timedelta(days=days),
            needs_consent=needs_consent,
            reason=reason.strip(),
            **words,
        )
        invitation.rooms.set(rooms)
    return invitation, token


def _form_hash_and_token(inviter: Membership | None, form_id: uuid.UUID | None, content: list[Any]) -> tuple[str, str]:
    """What a form sent twice has in common; what was changed in between is another invitation.

    The token is drawn from it under the server's key, so that no row has to hold it for the second answer. Neither the
    form's id alone nor the database gives it away; the server tells it to the inviter only.
    """
    if inviter is None or form_id is None:
        return "", new_token()
    sent = (str(inviter.pk), str(form_id), json.dumps(content, sort_keys=True))
    digest = bytes.fromhex(keyed_hash("invitation-token", *sent))
    return keyed_hash("invitation-form", *sent), urlsafe_b64encode(digest[:24]).decode()  # as long as a random one


def _check_invitation(
    community: Community, rooms: Sequence[Room], label: str, note: str, max_uses: int, days: int
) -> None:
    if not 1 <= max_uses <= Invitation.MOST_USES:
        raise ValidationError(_("An invitation is for 1 to 50 people."), code="uses")
    if not 1 <= days <= Invitation.MOST_DAYS:
        raise ValidationError(_("An invitation is open for 1 to 90 days."), code="days")
    if any(room.community_id != community.pk for room in rooms):
        raise ValidationError(_("This room does not exist here."), code="room")
    check_text(label, longest=60)
    check_text(note, longest=600)


def _check_inviter_is_still_here(inviter: Membership, rooms: Sequence[Room]) -> None:
    """Under the lock that removing takes too: otherwise an invitation made meanwhile would outlive its inviter."""
    if not Membership.objects.current().select_for_update(no_key=True).filter(pk=inviter.pk).exists():
        raise PermissionDenied
    wanted = {room.pk for room in rooms}
    if Room.objects.visible_to(inviter).filter(pk__in=wanted).count() != len(wanted):
        raise PermissionDenied


def revoke_invitation(*, actor: Membership, invitation: Invitation) -> bool:
    """End an invitation. Returns whether it was still to be ended. Raises: PermissionDenied."""
    check_revoke_invitation(actor, invitation)
    return bool(Invitation.objects.filter(pk=invitation.pk, revoked_at=None).update(revoked_at=timezone.now()))


def find_open_invitation(*, token: str, user_id: Any = None) -> Invitation:
    """Raises: InvalidInvitation for every token that admits nobody, or not this account, by the same one query.

    Also where every seat is taken: how many there are, and whether, is not told outside.
    """
    admitting = Invitation.objects.admitting(user_id).with_a_seat(user_id)
    wanted = admitting.filter(token_hash=keyed_hash(INVITATION_PURPOSE, token))
    invitation = wanted.select_related("community", "role", "inviter__user").first()
    if invitation is None:
        raise InvalidInvitation
    return invitation


@transaction.atomic
def start_joining(*, token: str, user_id: Any = None, instead_of: Any = None) -> PendingJoin:
    """Someone agreed to the rules; signing up may lie between this and joining. Spends nothing.

    `instead_of` is the id of what the same browser had begun before. Of one invitation only a few stand begun at a
    time: a link must not fill the table. Raises: InvalidInvitation; TooManyBegun.
    """
    invitation = find_open_invitation(token=token, user_id=user_id)
    # Those who begin at once stand in a line, so that they are counted.
    list(Invitation.objects.select_for_update(no_key=True).filter(pk=invitation.pk))
    PendingJoin.objects.filter(pk=instead_of).delete()
    _make_room(invitation)
    return PendingJoin.objects.create(invitation=invitation)


def _make_room(invitation: Invitation) -> None:
    """Raises: TooManyBegun where nothing that was begun is old enough to give way."""
    begun = invitation.pending_joins.order_by("agreed_at", "pk")
    if begun.count() < invitation.max_uses * BEGUN_PER_USE:
        return
    oldest = begun.filter(agreed_at__lt=timezone.now() - KEPT_FOR_SURE).first()
    if oldest is None:
        raise TooManyBegun
    oldest.delete()
