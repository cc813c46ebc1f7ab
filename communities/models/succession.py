"""Taking over a community that no owner looks after."""

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone

from communities.models.membership import Membership
from communities.models.place import Community


class Succession(models.Model):
    """Somebody asks to become the owner, where there has been none for `WITHOUT`; any member may object for `WAIT`."""

    WITHOUT = timedelta(days=60)
    WAIT = timedelta(days=14)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="successions")
    candidate = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="successions")
    asked_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    objected_at = models.DateTimeField(null=True, blank=True)
    objected_by = models.ForeignKey(Membership, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["community"], condition=Q(objected_at=None, done_at=None), name="one_open_succession"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)
