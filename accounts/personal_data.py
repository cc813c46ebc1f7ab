"""What is stored about accounts, and how a copy of it is made."""

from collections.abc import Iterator
from typing import Any, ClassVar

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django.db.models import Model

from accounts.devices import devices_of
from accounts.models import AddressChange, FactorReset, KnownDevice, Session, User
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
    """Sessions: which browser is signed in, since when and how; day and network of its last use."""

    models: ClassVar[tuple[type[Model], ...]] = (Session,)
    purpose = "Keeping a browser signed in; between two pages of signing up, what has been done so far."
    kept = (
        "60 days after signing in, or until signing out; deleted within 6 hours after that. The shortened address: "
        "30 days "
        "after the last use."
    )

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
                    "signed_in_by": device.way,
                    "used_on": device.used_on.isoformat(),
                    "network": device.network,
                },
            )

    def erase(self, membership: Model, choice: Keep) -> None:
        """A session belongs to the account, not to a membership."""


@declare
class KnownDevices(PersonalData):
    """Browsers in which the person signed in before, by a mark of a cookie that says nothing by itself."""

    models: ClassVar[tuple[type[Model], ...]] = (KnownDevice,)
    purpose = "Telling the person by mail when somebody signs in with a browser that is not among them."
    kept = "A year after the last sign-in, or until the device is signed out from another one."

    def export(self, person: Model) -> Iterator[tuple[str, dict[str, Any]]]:
        if not isinstance(person, User):
            return
        for number, known in enumerate(KnownDevice.objects.filter(user=person).order_by("pk"), start=1):
            yield f"account/known_devices/{number}", {"used_on": known.used_on.isoformat()}

    def erase(self, membership: Model, choice: Keep) -> None:
        """A browser signs in to the account, not to a membership."""


@declare
class ChangedAddresses(PersonalData):
    """Old and new address of a change that can still be taken back."""

    models: ClassVar[tuple[type[Model], ...]] = (AddressChange,)
    purpose = "Giving the account back to its old address, where somebody else changed it."
    kept = "7 days; deleted within 6 hours after that."

    def export(self, person: Model) -> Iterator[tuple[str, dict[str, Any]]]:
        if not isinstance(person, User):
            return
        for number, change in enumerate(AddressChange.objects.filter(user=person).order_by("changed_at"), start=1):
            yield (
                f"account/address_changes/{number}",
                {
                    "old_email": change.old_email,
                    "new_email": change.new_email,
                    "changed_at": change.changed_at.isoformat(),
                    "undone_at": change.undone_at.isoformat() if change.undone_at else None,
                },
            )

    def erase(self, membership: Model, choice: Keep) -> None:
        """The address is the account's, not a membership's."""


@declare
class FactorResets(PersonalData):
    """That an operator was asked to take the second factor away, and what became of it."""

    models: ClassVar[tuple[type[Model], ...]] = (FactorReset,)
    purpose = "Letting 48 hours pass in which the person can say no; saying afterwards what happened."
    kept = "90 days after it was done or cancelled."

    def export(self, person: Model) -> Iterator[tuple[str, dict[str, Any]]]:
        """Not who asked: operators are people, too."""
        if not isinstance(person, User):
            return
        for number, reset in enumerate(FactorReset.objects.filter(user=person).order_by("asked_at"), start=1):
            yield (
                f"account/factor_resets/{number}",
                {
                    "asked_at": reset.asked_at.isoformat(),
                    "due_at": reset.due_at.isoformat(),
                    "cancelled_at": reset.cancelled_at.isoformat() if reset.cancelled_at else None,
                    "done_at": reset.done_at.isoformat() if reset.done_at else None,
                },
            )

    def erase(self, membership: Model, choice: Keep) -> None:
        """It belongs to the account, not to a membership."""


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
