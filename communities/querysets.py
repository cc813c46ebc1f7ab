"""What one may see, as joins."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

if TYPE_CHECKING:
    from communities.models import AuditEntry, Intervention, Invitation, Membership, Picture, Room  # noqa: F401  # in quotes below


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self, at: datetime | None = None) -> "MembershipQuerySet":
        """Members who may enter: not gone, banned or suspended. Without a moment it is now."""
        return self.filter(Q(suspended_until=None) | Q(suspended_until__lte=at or timezone.now())).filter(
            left_at=None, banned_at=None
        )

    def kept_out(self) -> "MembershipQuerySet":
        """Those whose account may not come back now: banned once is banned, and leaving ends no suspension."""
        return self.filter(Q(banned_at__isnull=False) | Q(suspended_until__gt=timezone.now()))

    def seated(self) -> "MembershipQuerySet":
        """Everybody who takes a seat of the community's limit: guests too, and the suspended, who come back."""
        return self.filter(left_at=None, banned_at=None)

    def of_account(self, user_id: Any, at: datetime | None = None) -> "MembershipQuerySet":
        """The account's own memberships; nobody else may join them."""
        return self.current(at).filter(user_id=user_id, user__is_active=True)

    def with_rights(self) -> "MembershipQuerySet":
        """Adds `right_codes`: what permissions.rights_of() would ask for each by itself."""
        from communities.models import CommunityRight

        held = CommunityRight.objects.filter(group__role=OuterRef("role"), content_object=OuterRef("community"))
        return self.annotate(right_codes=ArraySubquery(held.values("permission__codename")))

    def visible_to(self, viewer: "Membership") -> "MembershipQuerySet":
        """Members see the members of their own community; guests see themselves."""
        people = self.filter(community_id=viewer.community_id, left_at=None)
        return people.filter(pk=viewer.pk) if viewer.role.is_guest else people

    def presented(self) -> "MembershipQuerySet":
        """Those whom a page about people shows: not who was banned, nor who has no name any more."""
        return self.filter(banned_at=None).exclude(display_name="")


class PictureQuerySet(models.QuerySet["Picture"]):
    def visible_to_account(self, user_id: Any) -> "PictureQuerySet":
        """Those of the members of one's communities. Guests too: they learn the ids of those whom they hear only."""
        from communities.models import Membership

        mine = Membership.objects.of_account(user_id).values("community")
        return self.filter(membership__community__in=mine)


class RoomQuerySet(models.QuerySet["Room"]):
    def visible_to(self, viewer: "Membership") -> "RoomQuerySet":
        """Rooms for all members, and those the viewer was chosen for; guests only the latter."""
        from communities.models import Room, RoomMember

        chosen = Exists(RoomMember.objects.filter(room=OuterRef("pk"), membership=viewer))
        rooms = self.filter(community_id=viewer.community_id)
        return rooms.filter(chosen) if viewer.role.is_guest else rooms.filter(Q(access=Room.Access.ALL) | chosen)

    def with_chosen_at(self, viewer: "Membership") -> "RoomQuerySet":
        """Adds `chosen_at`: since when the viewer is one of the room's chosen members, or None."""
        from communities.models import RoomMember

        mine = RoomMember.objects.filter(room=OuterRef("pk"), membership=viewer)
        return self.annotate(chosen_at=Subquery(mine.values("added_at")[:1]))


class InterventionQuerySet(models.QuerySet["Intervention"]):
    def visible_to(self, viewer: "Membership") -> "InterventionQuerySet":
        """Every member sees all of their community, guests too, and what was before they came."""
        return self.filter(community_id=viewer.community_id)

    def news_for(self, viewer: "Membership") -> "InterventionQuerySet":
        """Those that happened since the viewer came and that they have not put aside."""
        from communities.models import SeenIntervention

        seen = SeenIntervention.objects.filter(intervention=OuterRef("pk"), membership=viewer)
        return self.visible_to(viewer).filter(at__gte=viewer.joined_at).exclude(Exists(seen))


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> "InvitationQuerySet":
        """Those that still admit someone."""
        return self._left().filter(Q(needs_consent=False) | Q(decided_at__isnull=False))

    def waiting(self) -> "InvitationQuerySet":
        """Those for which the operators of the place asked, and no owner has answered."""
        return self._left().filter(needs_consent=True, decided_at=None)

    def _left(self) -> "InvitationQuerySet":
        return self.filter(revoked_at=None, expires_at__gt=timezone.now(), uses__lt=F("max_uses"))

    def admitting(self, user_id: Any) -> "InvitationQuerySet":
        """Open ones, but for an account (None: nobody is signed in) none of communities that keep it out."""
        if user_id is None:
            return self.open()
        from communities.models import Membership

        own = Membership.objects.filter(community=OuterRef("community"), user=user_id)
        return self.open().exclude(Exists(own.kept_out()))

    def with_a_seat(self, user_id: Any) -> "InvitationQuerySet":
        """Without those of communities where every seat is taken; who sits in it needs none."""
        from communities.models import Membership

        inside = Membership.objects.filter(community=OuterRef("community")).seated().order_by()
        taken = Coalesce(Subquery(inside.values("community").annotate(n=Count("pk")).values("n")), 0)
        free = self.alias(taken=taken).filter(taken__lt=F("community__size_limit"))
        return free if user_id is None else free | self.filter(Exists(inside.filter(user=user_id)))

    def lately(self) -> "InvitationQuerySet":
        """Open ones and those that ended within 90 days."""
        return self.filter(expires_at__gt=timezone.now() - timedelta(days=90))

    def visible_to(self, viewer: "Membership") -> "InvitationQuerySet":
        """One's own; whoever moderates or manages members sees all of the community."""
        from communities.permissions import grants
        from communities.rights import Right

        invitations = self.filter(community_id=viewer.community_id)
        if grants(viewer, Right.MODERATE) or grants(viewer, Right.MANAGE_MEMBERS):
            return invitations
        return invitations.filter(inviter=viewer)


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def visible_to(self, viewer: "Membership") -> "AuditEntryQuerySet":
        """All of one's community for those who may read the log."""
        from communities.permissions import grants
        from communities.rights import Right

        if not grants(viewer, Right.READ_AUDIT_LOG):
            return self.none()
        return self.filter(community_id=viewer.community_id)
