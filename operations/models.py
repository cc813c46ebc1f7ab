"""What was decided and done by whoever runs the place."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class LogEntry(models.Model):
    """One act of an operator: who, what, when. Codes and choices, never a secret and no words of anybody."""

    class Act(models.TextChoices):
        ACCESS = "access", _("Who may open accounts and found groups")
        PLACE = "place", _("Name and language of the place")
        MAIL = "mail", _("Mail server")
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
