"""What was decided and done by whoever runs the place."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models import MailRoute


class LogEntry(models.Model):
    """One act of an operator: who, what, when. Codes and choices, never a secret and no words of anybody."""

    class Act(models.TextChoices):
        ACCESS = "access", _("Who may open accounts and found groups")
        PLACE = "place", _("Name and language of the place")
        MAIL = "mail", _("Mail server")
        MAIL_ASKED = "mail_asked", _("Another mail server, in a day")
        MAIL_KEPT = "mail_kept", _("The mail server stays")
        MAIL_TEST = "mail_test", _("Test mail sent")
        IMPRINT = "imprint", _("Contact and imprint")
        PRIVACY = "privacy", _("Privacy text")
        TERMS = "terms", _("Terms")
        ENTRY = "entry", _("Asked to be let into a group")

    #: None once the account is gone, or where a command did it.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="operator_acts"
    )
    act = models.CharField(max_length=12, choices=Act.choices)
    #: Shape: names of what was changed, and for choices what was chosen.
    details = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.act}:{self.pk}"


class MailSwitch(MailRoute):
    """Another mail server: by it all mail leaves `WAIT` after it was asked for, unless an operator says no.

    Whoever takes the mail of a place gets in everywhere by mailed codes: a stolen session must not do it unseen.
    """

    WAIT = timedelta(hours=24)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    #: None once the account is gone.
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        #: One waits at a time.
        constraints = (
            models.UniqueConstraint(
                models.Value(1), condition=Q(cancelled_at=None, done_at=None), name="one_open_mail_switch"
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_open(self) -> bool:
        return self.cancelled_at is None and self.done_at is None
