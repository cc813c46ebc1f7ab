"""What is stored about accounts, and how a copy of it is made."""

from collections.abc import Iterator
from typing import Any, ClassVar

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django.db.models import Model

from accounts.devices import devices_of
from accounts.models import Session, User
from core.personal_data import Keep, PersonalData, declare, not_personal


@declare
class Account(PersonalData):
    """The login: address, language, appearance."""

    models: ClassVar[tuple[type[Model], ...]] = (User, EmailAddress, EmailConfirmation)
    purpose = "Signing in, sending codes and news to the person, showing pages in their language."
    kept = "Until the account is deleted; begun and never entered: 7 days."

    def export(self, person: Model) -> Iterator[tuple[str, dict[str, Any]]]:
        if not isinstance(person, User):
            return
        yield (
            "account",
            {
                "email": person.email,
                "language": person.language,
                "theme": person.theme,
                "has_password": person.has_usable_password(),
                "created_at": person.created_at.isoformat(),
                "last_login": person.last_login.isoformat() if person.last_login else None,
            },
        )
        for number, address in enumerate(EmailAddress.objects.filter(user=person).order_by("pk"), start=1):
            yield (
                f"account/addresses/{number}",
                {"email": address.email, "verified": address.verified, "primary": address.primary},
            )

    def erase(self, membership: Model, choice: Keep) -> None:
        """Leaving one community leaves the account as it is: it may have other memberships."""


@declare
class SignedInDevices(PersonalData):
    """Sessions: which browser is signed in, since when, and the day it was last used."""

    models: ClassVar[tuple[type[Model], ...]] = (Session,)
    purpose = "Keeping a browser signed in; between two pages of signing up, what has been done so far."
    kept = "60 days after signing in, or until signing out; deleted within 6 hours after that."

    def export(self, person: Model) -> Iterator[tuple[str, dict[str, Any]]]:
        if not isinstance(person, User):
            return
        for number, device in enumerate(devices_of(person, None), start=1):
            yield (
                f"account/sessions/{number}",
                {
                    "browser": device.browser,
                    "system": device.system,
                    "signed_in_at": device.since.isoformat() if device.since else None,
                    "used_on": device.used_on.isoformat(),
                },
            )

    def erase(self, membership: Model, choice: Keep) -> None:
        """A session belongs to the account, not to a membership."""


@declare
class SecondFactors(PersonalData):
    """Passkeys, the authenticator app, recovery codes. Their secrets are in no copy: who had it could sign in."""

    models: ClassVar[tuple[type[Model], ...]] = (Authenticator,)
    purpose = "Signing in with a passkey; asking for a second proof after a code or a password."
    kept = "Until the person takes it away, or the account is deleted."

    def export(self, person: Model) -> Iterator[tuple[str, dict[str, Any]]]:
        if not isinstance(person, User):
            return
        for number, factor in enumerate(Authenticator.objects.filter(user=person).order_by("pk"), start=1):
            yield (
                f"account/factors/{number}",
                {
                    "type": factor.type,
                    "name": factor.data.get("name", ""),
                    "created_at": factor.created_at.isoformat(),
                    "last_used_at": factor.last_used_at.isoformat() if factor.last_used_at else None,
                },
            )

    def erase(self, membership: Model, choice: Keep) -> None:
        """Factors belong to the account, not to a membership."""


not_personal.declare(
    "core.Installation", "Decisions and public texts of whoever runs the place; ids of its first steps."
)
