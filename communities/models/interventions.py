"""What whoever runs the place did in a community by force."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from communities.models.membership import Membership
from communities.models.place import Community
from communities.querysets import InterventionQuerySet


class Intervention(models.Model):
    """An act of the operators that no owner consented to. It stays for good; it names nobody whom it concerned."""

    LONGEST_REASON = 300

    class Kind(models.TextChoices):
        INVITED = "invited", _("They made an invitation to this group without asking its owners.")
        REMOVED = "removed", _("They removed somebody from this group.")
        BANNED = "banned", _("They excluded somebody from this group.")
        UNBANNED = "unbanned", _("They took back an exclusion.")
        SUSPENDED = "suspended", _("They keep somebody out of this group for a while.")
        LIFTED = "lifted", _("They let somebody in again before their time.")
        CHOSEN = "chosen", _("They let somebody into a room that is for chosen people.")
        UNCHOSEN = "unchosen", _("They took somebody out of a room that is for chosen people.")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="interventions")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    reason = models.TextField(max_length=LONGEST_REASON)
    at = models.DateTimeField(default=timezone.now)

    objects = InterventionQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "pk"]

    def __str__(self) -> str:
        return str(self.pk)


class SeenIntervention(models.Model):
    """A member has read of it: Today no longer shows it to them."""

    intervention = models.ForeignKey(Intervention, on_delete=models.CASCADE, related_name="seen")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="seen_interventions")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["intervention", "membership"], name="seen_once")]

    def __str__(self) -> str:
        return f"{self.intervention_id}:{self.membership_id}"
