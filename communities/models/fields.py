"""What a community asks its members to say about themselves, and who sees it."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from communities.models.membership import Membership
from communities.models.place import Community


class Level(models.TextChoices):
    """Who sees it; each includes those before it."""

    ME = "me", _("Only me")
    MODERATORS = "moderators", _("Moderation")
    MEMBERS = "members", _("All members")


class MemberField(models.Model):
    """One question of a community: up to `Community.MOST_FIELDS`."""

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        CHOICE = "choice", _("Choice")
        INTERESTS = "interests", _("Interests")
        LINK = "link", _("Link")
        REGION = "region", _("Region")

    LONGEST_VALUE = 300
    MOST_CHOICES = 20

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="member_fields")
    position = models.PositiveSmallIntegerField(default=0)
    label = models.CharField(max_length=40)
    hint = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.TEXT)
    #: What can be chosen. Shape: up to MOST_CHOICES words.
    choices = models.JSONField(default=list, blank=True)
    #: What is proposed to those who have not chosen.
    default_level = models.CharField(max_length=10, choices=Level.choices, default=Level.MEMBERS)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return str(self.pk)


class MemberValue(models.Model):
    """What one member says, and to whom."""

    field = models.ForeignKey(MemberField, on_delete=models.CASCADE, related_name="values")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="values")
    #: Several interests are separated by commas.
    text = models.CharField(max_length=MemberField.LONGEST_VALUE, blank=True)
    level = models.CharField(max_length=10, choices=Level.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["field", "membership"], name="one_value_per_field")]

    def __str__(self) -> str:
        return str(self.pk)
