"""What was done in a community by those who may: who, what, when. Only ever added to."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from communities.models.membership import Membership
from communities.models.place import Community
from communities.querysets import AuditEntryQuerySet


class AuditEntry(models.Model):
    """Ids and codes, no words. Never changed: a trigger refuses UPDATE, DELETE and TRUNCATE (decision 0020)."""

    class Act(models.TextChoices):
        # place
        FOUNDED = "founded", _("Founded the group")
        SETTINGS = "settings", _("Changed the settings")
        VISIBILITY = "visibility", _("Changed who can find the group")
        FIELDS = "fields", _("Changed what members are asked about themselves")
        ARCHIVED = "archived", _("Archived the group")
        REOPENED = "reopened", _("Reopened the group")
        DELETION_BEGUN = "deletion_begun", _("Began to delete the group")
        DELETION_UNDONE = "deletion_undone", _("Took the deletion back")
        DEPUTY = "deputy", _("Named a deputy")
        HANDED_OVER = "handed_over", _("Handed the group over")
        SUCCESSION_ASKED = "succession_asked", _("Asked to take the group over")
        SUCCESSION_OBJECTED = "succession_objected", _("Objected to a succession")
        SUCCEEDED = "succeeded", _("Took the group over")
        CHAPTER = "chapter", _("Founded a chapter")
        # rules
        RULES = "rules", _("Published rules")
        # roles
        ROLE_MADE = "role_made", _("Made a role")
        ROLE_CHANGED = "role_changed", _("Changed a role")
        ROLE_DELETED = "role_deleted", _("Deleted a role")
        ROLE_GIVEN = "role_given", _("Gave a role")
        # rooms
        ROOM_MADE = "room_made", _("Made a room")
        ROOM_CHANGED = "room_changed", _("Changed a room")
        ROOM_OPENED = "room_opened", _("Opened a room or its history")
        ROOMS_ORDERED = "rooms_ordered", _("Put the rooms in order")
        ROOM_RESTS = "room_rests", _("Let a room rest")
        ROOM_ARCHIVED = "room_archived", _("Archived a room")
        ROOM_REOPENED = "room_reopened", _("Reopened a room")
        ROOM_MEMBER = "room_member", _("Let somebody into a room")
        ROOM_MEMBER_OUT = "room_member_out", _("Took somebody out of a room")
        KNOCK_DECLINED = "knock_declined", _("Did not let somebody into a room")
        # people
        INVITED = "invited", _("Made an invitation")
        INVITATION_REVOKED = "invitation_revoked", _("Revoked an invitation")
        BRANCH = "branch", _("Suspended all who came by an invitation")
        BRANCH_UNDONE = "branch_undone", _("Took back an act on a branch")
        APPROVED = "approved", _("Approved an application")
        DECLINED = "declined", _("Declined an application")
        JOINED = "joined", _("Joined")
        LEFT = "left", _("Left")
        CAME_BACK = "came_back", _("Came back")
        REMOVED = "removed", _("Removed somebody")
        BANNED = "banned", _("Excluded somebody")
        UNBANNED = "unbanned", _("Took back an exclusion")
        SUSPENDED = "suspended", _("Suspended somebody")
        LIFTED = "lifted", _("Lifted a suspension")
        IN_MEMORY = "in_memory", _("Set somebody in memory")
        GUEST_UNTIL = "guest_until", _("Changed how long a guest stays")
        UNDONE = "undone", _("Took back what a moderator did")

    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="audit_entries")
    #: None: whoever operates the server, or the clock.
    actor = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="audit_acts")
    act = models.CharField(max_length=24, choices=Act.choices)
    #: Whom it concerned.
    subject = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="audit_entries")
    #: What it concerned: a role, a room, an invitation, an application, a version of the rules. "" for none.
    object_id = models.CharField(max_length=40, blank=True)
    #: Codes and numbers, what stood there before and after, so that it can be read and undone. No words of anybody.
    codes = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["community", "-at", "-id"], name="audit_by_time")]

    def __str__(self) -> str:
        return f"{self.act}:{self.pk}"


class AuditDetail(models.Model):
    """Words that belong to an entry, such as the name of a room; they may age out while the entry stays."""

    KEPT_DAYS = 365

    entry = models.OneToOneField(AuditEntry, on_delete=models.CASCADE, primary_key=True, related_name="detail")
    #: Shape: {"name": …, "reason": …}
    words = models.JSONField(default=dict)

    def __str__(self) -> str:
        return str(self.pk)
