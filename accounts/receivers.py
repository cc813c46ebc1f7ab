"""What follows from facts that allauth announces."""

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.devices import remember_device
from accounts.models import User
from core import familiar, throttle

#: In the session of the browser in which somebody signed up: a mark of the account with the password it has chosen.
SIGNED_UP_AS = "signed_up_as"


def password_mark(user: AbstractBaseUser) -> str:
    """Changes whenever the password does: somebody else may begin the same account once more meanwhile."""
    return f"{user.pk} {user.get_session_auth_hash()}"


@receiver(email_confirmed, sender=EmailAddress)
def forget_password_of_a_stranger(request: HttpRequest, email_address: EmailAddress, **kwargs: Any) -> None:
    """Whoever signs up with another person's address and a password must not get in once that person proves the
    address elsewhere: before the first sign-in only a password that this browser knows is kept.
    """
    user = email_address.user
    if user.last_login is not None or not user.has_usable_password():
        return
    knows_password = any(record["method"] == "password" for record in get_authentication_records(request, user))
    if not knows_password and request.session.get(SIGNED_UP_AS) != password_mark(user):
        user.set_unusable_password()
        user.save(update_fields=["password"])


@receiver(user_logged_in)
def note_device(request: HttpRequest, **kwargs: Any) -> None:
    remember_device(request)


@receiver(user_logged_in)
def note_familiar(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Under both names by which limits know an account."""
    familiar.note_signing_in(request, throttle.spelled(user.email), user.pk)
