"""What people say in rooms, and up to where each has read."""

import uuid

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from communities.models import Membership, Room
from messaging.querysets import MessageManager
from messaging.words import WordsField


class RoomLog(models.Model):
    """The two numbers of a room. Its row is the lock under which a room is written to, one after another."""

    room = models.OneToOneField(Room, on_delete=models.CASCADE, primary_key=True, related_name="log")
    #: The newest message's number: gap-free, in the order of commits.
    sequence = models.PositiveBigIntegerField(default=0)
    #: Counts every post, edit and deletion; a client asks for what came since the change it knows.
    change = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.room_id)


class Message(models.Model):
    """One message. Without a body it is a tombstone: someone deleted it."""

    LONGEST = 8000

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="messages")
    author = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="messages")
    sequence = models.PositiveBigIntegerField()
    change = models.PositiveBigIntegerField()
    text = models.TextField(_("Message"), max_length=LONGEST, blank=True)
    #: The text as safe HTML, made once when it was written, and by which version of the renderer.
    html = models.TextField(blank=True)
    renderer_version = models.PositiveSmallIntegerField()
    #: Keyed hash of author and client id: a retry finds its own row.
    retry_key = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    #: What search looks at: the words, and the room. Empty of words once the text is.
    words = WordsField()

    objects = MessageManager()

    class Meta:
        ordering = ["room", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["room", "sequence"], name="one_message_per_number"),
            models.CheckConstraint(
                condition=Q(deleted_at=None) | Q(text="", html=""), name="deleted_messages_are_empty"
            ),
        ]
        indexes = [
            models.Index(fields=["room", "change"], name="messages_by_change"),
            models.Index(fields=["room", "created_at"], name="messages_by_time"),
            # What was written lately waits in a list that each search reads through: a short one.
            GinIndex(fields=["words"], name="messages_by_word", gin_pending_list_limit=256),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def get_absolute_url(self) -> str:
        return reverse("message", args=[self.room.community.slug, self.room_id, self.pk])


class ReadMark(models.Model):
    """Up to where a member has read a room. One row per member and room, none per message."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="read_marks")
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="read_marks")
    last_sequence = models.PositiveBigIntegerField(default=0)
    #: Up to where it was read when the visit began in which it was last read: Today shows what came after it.
    before_sequence = models.PositiveBigIntegerField(default=0, db_default=0)
    read_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["membership", "room"], name="one_read_mark_per_room")]

    def __str__(self) -> str:
        return f"{self.membership_id}:{self.room_id}"
