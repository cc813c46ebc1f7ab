"""Which accounts belong to an address."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower


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
