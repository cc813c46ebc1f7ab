"""From a begun joining to a membership, and the name one has there."""

import uuid
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from communities.actions.invitations import InvalidInvitation
from communities.actions.names import check_name_is_free, keep_former_name, keys_of, name_is_taken
from communities.actions.shared import check_seat_is_free, check_text, cut_on_commit
from communities.models import (
    Community,
    Invitation,
    Membership,
    PendingJoin,
    Role,
    RoomMember,
)
from communities.signals import member_joined, member_renamed
from core.text import tidy_name


def find_begun_joining(*, pending_id: Any, user_id: Any) -> PendingJoin:
    """Raises: InvalidInvitation where it is unknown or its invitation admits nobody, or not this account, any more."""
    begun = PendingJoin.objects.filter(pk=pending_id, invitation__in=Invitation.objects.admitting(user_id))
    pending = begun.select_related("invitation__community").first()
    if pending is None:
        raise InvalidInvitation
    return pending


def note_opened_account(*, pending_id: uuid.UUID) -> None:
    """Somebody began an account on this way in."""
    Invitation.objects.filter(pending_joins=pending_id).update(accounts_begun=F("accounts_begun") + 1)


def stop_joining(*, pending_id: Any) -> bool:
    """Forget that somebody agreed. Returns whether there was something to forget."""
    return bool(PendingJoin.objects.filter(pk=pending_id).delete()[0])


def join(
    *,
    pending: PendingJoin,
    user: Any,
    display_name: str,
    introduction: str = "",
    shows_presence: bool = False,
    shows_typing: bool = False,
) -> Membership:
    """Enter the community by an invitation, with its role and the rooms it names.

    The conditional UPDATE and its row count decide who gets the last use; it stands in one transaction with the
    membership, so that a refused name does not use it up. The account's row is locked first: joinings of one account
    stand in a line, and banning it stands in the same line. For a member nothing changes and nothing is spent.
    Raises: InvalidInvitation, also for the banned and suspended; ValidationError for a name that is taken, was somebody
    else's lately, or looks like such a one; of code "full" where the last seat was taken meanwhile.
    Emits: member_joined.
    """
    name = tidy_name(display_name)
    check_text(introduction, longest=300)
    with transaction.atomic():
        if not User.objects.select_for_update(no_key=True).filter(pk=user.pk, is_active=True).exists():
            raise InvalidInvitation
        # Before what was begun, as `start_joining` does: the other way round each would wait for the other.
        rows = Invitation.objects.select_for_update(no_key=True, of=("self",)).select_related("role")
        invitation = rows.filter(pk=pending.invitation_id).first()
        if invitation is None:
            raise InvalidInvitation
        present = _find_present(invitation.community_id, user)
        # A begun joining is good once, even where several browsers or accounts present it.
        if not PendingJoin.objects.filter(pk=pending.pk).delete()[0] and present is None:
            raise InvalidInvitation
        if present is not None:
            return present
        if not Invitation.objects.open().filter(pk=invitation.pk).update(uses=F("uses") + 1):
            raise InvalidInvitation
        # Those who come by different invitations stand in a line here: the last seat is one seat.
        check_seat_is_free(Community.objects.select_for_update(no_key=True).get(pk=invitation.community_id))
        chosen = {"shows_presence": shows_presence, "shows_typing": shows_typing}
        member = _enter(invitation, user, name, introduction, pending, chosen)
        _ask_first_owner(member)
        transaction.on_commit(partial(member_joined.send, sender=Membership, membership_id=member.pk), robust=True)
    return member


def _find_present(community_id: Any, user: Any) -> Membership | None:
    """The account's membership, where it has one. Raises: InvalidInvitation for the banned and the suspended."""
    own = Membership.objects.filter(community_id=community_id, user=user)
    if own.kept_out().exists():
        raise InvalidInvitation
    return own.filter(left_at=None).first()


def _enter(
    invitation: Invitation, user: Any, name: str, introduction: str, pending: PendingJoin, chosen: dict[str, bool]
) -> Membership:
    check_name_is_free(community_id=invitation.community_id, name=name, user_id=user.pk)
    try:
        with transaction.atomic():
            member = Membership.objects.create(
                id=pending.pk,  # as random; a second click on "Join" finds by it what the first one did
                community_id=invitation.community_id,
                user=user,
                role=invitation.role,
                display_name=name,
                introduction=introduction.strip(),
                invitation=invitation,
                agreed_to_rules_at=pending.agreed_at,
                **chosen,
                **keys_of(name),
            )
    except IntegrityError:  # someone took the name between the question and the answer
        raise name_is_taken() from None
    rooms = invitation.rooms.filter(community_id=invitation.community_id)
    RoomMember.objects.bulk_create(RoomMember(room=room, membership=member) for room in rooms)
    return member


def _ask_first_owner(member: Membership) -> None:
    """Once one has come the community is its people's: what the operators made before waits for an owner's yes, too."""
    if member.role.code != Role.Code.OWNER:
        return
    owners = Membership.objects.filter(community_id=member.community_id, role__code=Role.Code.OWNER)
    if not owners.exclude(pk=member.pk).exists():
        made = Invitation.objects.open().filter(community_id=member.community_id, inviter=None)
        made.update(needs_consent=True)


def rename_member(*, member: Membership, display_name: str, introduction: str) -> None:
    """Change one's own name and introduction; names that look alike are refused, the former one is kept from others.

    Raises: ValidationError. Emits: member_renamed where the name changed.
    """
    name = tidy_name(display_name)
    check_text(introduction, longest=300)
    check_name_is_free(community_id=member.community_id, name=name, user_id=member.user_id)
    own = Membership.objects.current().filter(pk=member.pk)
    try:
        with transaction.atomic():
            # Two renamings at once stand in a line: each gives up the name that the one before it gave.
            before = own.select_for_update(no_key=True).first()
            if before is not None and before.display_name != name:
                own.update(display_name=name, profile_version=F("profile_version") + 1, **keys_of(name))
                if keys_of(before.display_name) != keys_of(name):
                    keep_former_name(before)
                told = partial(member_renamed.send, sender=Membership, membership_id=member.pk)
                transaction.on_commit(told, robust=True)
                cut_on_commit(member)  # open pages give signs under a name that was written when they subscribed
            own.update(introduction=introduction.strip())
    except IntegrityError:
        raise name_is_taken() from None
    changed = ["display_name", "name_skeleton", "name_spelling", "introduction", "profile_version"]
    member.refresh_from_db(fields=changed)


def delete_stale_joining() -> int:
    """Begun joinings older than a week or of ended invitations, and invitations 90 days after their end."""
    now = timezone.now()
    stale = PendingJoin.objects.filter(agreed_at__lt=now - timedelta(days=7)).delete()[0]
    stale += PendingJoin.objects.exclude(invitation__in=Invitation.objects.open()).delete()[0]
    long_ago = now - timedelta(days=90)
    return stale + Invitation.objects.filter(Q(expires_at__lt=long_ago) | Q(revoked_at__lt=long_ago)).delete()[0]
