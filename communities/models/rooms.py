"""Rooms, and who is chosen for them."""

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase

from communities.models.membership import Membership
from communities.models.place import Community
from communities.querysets import RoomQuerySet


class Room(models.Model):
    """A place to talk inside a community."""

    class Access(models.TextChoices):
        ALL = "all", _("All members")
        ROLES = "roles", _("Chosen roles")
        CHOSEN = "chosen", _("Chosen members")
        #: Its name and purpose can be seen by all members, what is said in it by those only who were let in.
        KNOCK = "knock", _("Visible, by knocking")

    class Writers(models.TextChoices):
        ALL = "all", _("Everybody who may enter")
        ROLES = "roles", _("Chosen roles")

    class Kind(models.TextChoices):
        CHAT = "chat", _("Chat")

    class History(models.TextChoices):
        ALL = "all", _("Everything")
        SINCE_JOINING = "since_joining", _("Since they joined")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="rooms")
    name = models.CharField(_("Name"), max_length=40)
    purpose = models.CharField(_("Purpose"), max_length=200, blank=True)
    placeholder = models.CharField(max_length=80, blank=True)
    icon = models.CharField(max_length=40, default="message-circle")
    group_title = models.CharField(max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    access = models.CharField(max_length=10, choices=Access.choices, default=Access.ALL)
    history = models.CharField(max_length=20, choices=History.choices, default=History.SINCE_JOINING)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.CHAT, db_default="chat")
    writers = models.CharField(max_length=10, choices=Writers.choices, default=Writers.ALL, db_default="all")
    #: Between two messages of one person. Units: seconds; 0 is off.
    slow_seconds = models.PositiveIntegerField(default=0, db_default=0)
    #: Until then nobody writes, and the note says why.
    rest_until = models.DateTimeField(null=True, blank=True)
    rest_note = models.CharField(max_length=200, blank=True, default="", db_default="")
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = RoomQuerySet.as_manager()

    class Meta:
        ordering = ["position", "created_at", "id"]
        #: Held by the groups of roles, where access or writers are chosen roles.
        permissions = [("enter_room", "enter_room"), ("write_in_room", "write_in_room")]

    def __str__(self) -> str:
        return str(self.pk)

    def get_absolute_url(self) -> str:
        return reverse("room", args=[self.community.slug, self.pk])


class RoomRight(GroupObjectPermissionBase):
    """Guardian's row: the group of one role may enter one room, or write in it."""

    content_object = models.ForeignKey(Room, on_delete=models.CASCADE)


class RoomMember(models.Model):
    """A member chosen for a room: a room of chosen members, or a guest's room."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="members")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="room_members")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "membership"], name="chosen_once_per_room")]

    def __str__(self) -> str:
        return f"{self.room_id}:{self.membership_id}"


class Knock(models.Model):
    """Somebody asks to be let into a room that can be seen by all and entered by those chosen for it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="knocks")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="knocks")
    words = models.CharField(max_length=300, blank=True)
    knocked_at = models.DateTimeField(default=timezone.now)
    #: None while it waits.
    is_let_in = models.BooleanField(null=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Membership, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["room", "membership"], condition=Q(is_let_in=None), name="one_open_knock_per_room"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)
