"""Who does not want to hear whom."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from communities.models.membership import Membership


class Block(models.Model):
    """One member blocks another one of the same community. The other one is not told."""

    blocker = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="blocks")
    blocked = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="blocked_by")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="blocked_once"),
            models.CheckConstraint(condition=~Q(blocker=F("blocked")), name="nobody_blocks_themselves"),
        ]

    def __str__(self) -> str:
        return f"{self.blocker_id}:{self.blocked_id}"
