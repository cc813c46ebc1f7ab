"""Rooms, and who is chosen for them."""

import uuid

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from communities.models.membership import Membership
from communities.models.place import Community
from communities.querysets import RoomQuerySet


class Room(models.Model):
    """A place to talk inside a community."""

    class Access(models.TextChoices):
        ALL = "all", _("All members")
        CHOSEN = "chosen", _("Chosen members")

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
    created_at = models.DateTimeField(default=timezone.now)

    objects = RoomQuerySet.as_manager()

    class Meta:
        ordering = ["position", "created_at", "id"]

    def __str__(self) -> str:
        return str(self.pk)

    def get_absolute_url(self) -> str:
        return reverse("room", args=[self.community.slug, self.pk])


class RoomMember(models.Model):
    """A member chosen for a room: a room of chosen members, or a guest's room."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="members")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="room_members")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "membership"], name="chosen_once_per_room")]

    def __str__(self) -> str:
        return f"{self.room_id}:{self.membership_id}"
