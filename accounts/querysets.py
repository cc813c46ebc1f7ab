"""Which accounts belong to an address, and what about an account is still open."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone


class UserQuerySet(models.QuerySet[Any]):
    def with_address(self, email: str) -> "UserQuerySet":
        """Accounts of this address, the one that proved it first. One query, whether there is an account or not:
        how long an answer takes must not tell.
        """
        address = email.lower()
        accounts: UserQuerySet = (
            self.alias(own_address=Lower("email"))
            .filter(Q(own_address=address) | Q(emailaddress__email=address))
            .order_by(F("emailaddress__verified").desc(nulls_last=True))
        )
        return accounts

    def never_verified(self) -> "UserQuerySet":
        """Accounts that were begun and never entered: nobody has shown that the address is theirs."""
        return self.filter(last_login=None).exclude(emailaddress__verified=True)


class AddressChangeQuerySet(models.QuerySet[Any]):
    def open(self) -> "AddressChangeQuerySet":
        """Those that can still be taken back."""
        return self.filter(undone_at=None, changed_at__gt=timezone.now() - self.model.KEPT)

    def keeping(self, email: str) -> "AddressChangeQuerySet":
        """Open ones whose old address this is: it may go back to its account, so no other one gets it meanwhile."""
        return self.open().filter(old_email__iexact=email)


class FactorResetQuerySet(models.QuerySet[Any]):
    def open(self) -> "FactorResetQuerySet":
        """Neither done nor cancelled. One of each account at most."""
        return self.filter(cancelled_at=None, done_at=None)

    def due(self) -> "FactorResetQuerySet":
        return self.open().filter(due_at__lte=timezone.now())
