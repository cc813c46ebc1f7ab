"""Asking to be let in."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from communities.models.invitations import Invitation
from communities.models.membership import Membership
from communities.models.place import Community


class Application(models.Model):
    """An account asks to join a listed community, or came by an invitation that asks for approval."""

    class State(models.TextChoices):
        OPEN = "open", _("Waits")
        #: Somebody asked back: it is the applicant's turn.
        ASKED = "asked", _("Asked back")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    #: After a decision, or without a word for so long, it is erased.
    KEPT = timedelta(days=30)
    #: So long nobody looked: those who decide are reminded.
    REMINDED_AFTER = timedelta(days=3)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="applications")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="applications")
    #: The way in, where it was an invitation that asks for approval.
    invitation = models.ForeignKey(
        Invitation, on_delete=models.SET_NULL, null=True, blank=True, related_name="applications"
    )
    display_name = models.CharField(_("Name"), max_length=40)
    introduction = models.CharField(max_length=300, blank=True)
    #: Shape: [[question, answer], …], the questions as they were asked.
    answers = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    agreed_at = models.DateTimeField(default=timezone.now)
    rules_agreed = models.PositiveIntegerField(default=0)
    consented_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    #: The last word of either side.
    changed_at = models.DateTimeField(default=timezone.now)
    reminded_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Membership, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    #: What the applicant reads when it is declined.
    reason = models.CharField(max_length=600, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["community", "user"],
                condition=Q(state__in=["open", "asked"]),
                name="one_open_application_per_account",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_open(self) -> bool:
        return self.state in {self.State.OPEN, self.State.ASKED}


class ApplicationWord(models.Model):
    """What was asked back, and what the applicant said to it."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="words")
    #: None: the applicant.
    asked_by = models.ForeignKey(Membership, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    is_question = models.BooleanField()
    text = models.CharField(max_length=1000)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return str(self.pk)
