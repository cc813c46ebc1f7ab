"""Accounts by the hand of whoever runs the server."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import AddressChange, User


@transaction.atomic
def create_account(*, email: str, language: str = "", password: str | None = None, is_operator: bool = False) -> User:
    """An account whose address counts as proven. Without a password one signs in by mailed code.

    Raises: ValidationError for what is no address, or not free.
    """
    validate_email(email)
    if User.objects.with_address(email).exists() or AddressChange.objects.keeping(email).exists():
        raise ValidationError(_("There is an account with this address already."), code="taken")
    account: User = User.objects.create_user(email, password, language=language, is_operator=is_operator)
    return account


def make_operator(*, user: User, is_operator: bool = True) -> bool:
    """Whether something changed."""
    changed: int = User.objects.filter(pk=user.pk).exclude(is_operator=is_operator).update(is_operator=is_operator)
    return changed > 0
