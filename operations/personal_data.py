"""What running the place stores about people."""

from collections.abc import Iterator
from typing import Any, ClassVar, cast

from django.db.models import Model

from accounts.models import User
from core.personal_data import Keep, PersonalData, declare
from operations.models import LogEntry, MailSwitch


@declare
class OperatorActs(PersonalData):
    """What somebody did as an operator of the place."""

    models: ClassVar[tuple[type[Model], ...]] = (LogEntry,)
    purpose = "Knowing who changed the settings of the place, and when."
    kept = "For good; whose account is deleted is no longer named."

    def export(self, person: Model) -> Iterator[tuple[str, dict[str, Any]]]:
        for entry in LogEntry.objects.filter(actor=cast(User, person)).order_by("pk"):
            yield (
                f"operations/{entry.pk}",
                {"act": entry.act, "details": entry.details, "at": entry.at.isoformat()},
            )

    def erase(self, membership: Model, choice: Keep) -> None:
        """An act of the operator belongs to the account, not to a membership."""


@declare
class MailSwitches(PersonalData):
    """Other mail servers that somebody asked for as an operator."""

    models: ClassVar[tuple[type[Model], ...]] = (MailSwitch,)
    purpose = "Letting a day pass before all mail goes another way, in which an operator can say no."
    kept = "For good, without the password; whose account is deleted is no longer named."

    def export(self, person: Model) -> Iterator[tuple[str, dict[str, Any]]]:
        for switch in MailSwitch.objects.filter(asked_by=cast(User, person)).order_by("asked_at"):
            yield f"operations/mail_server/{switch.pk}", {"host": switch.mail_host, "at": switch.asked_at.isoformat()}

    def erase(self, membership: Model, choice: Keep) -> None:
        """It belongs to the account, not to a membership."""
