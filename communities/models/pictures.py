"""Faces."""

import uuid

from django.db import models
from django.utils import timezone

from communities.querysets import PictureQuerySet


class Picture(models.Model):
    """How a member looks to the others of one community: drawn anew by us, never the file that was given.

    Another picture is another row: whoever has one need not ask for it again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webp = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now)

    objects = PictureQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.pk)
