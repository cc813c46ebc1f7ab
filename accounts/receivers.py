"""What follows from facts that allauth announces."""

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.account.signals import email_changed, email_confirmed, password_changed, password_reset, password_set
from allauth.mfa.signals import authenticator_removed
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import actions
from accounts.devices import place_of, remember_device
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
def note_device(request: HttpRequest, user: User, **kwargs: Any) -> None:
    remember_device(request, user)


@receiver(user_logged_in)
def note_familiar(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Under both names by which limits know an account."""
    familiar.note_signing_in(request, throttle.spelled(user.email), user.pk)


@receiver([password_changed, password_set, password_reset], dispatch_uid="accounts.end_other_sessions")
def end_other_sessions(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """By itself a new password only makes sessions worthless at their next page; their open pages end at once, too."""
    actions.end_other_sessions(user=user, but=request.session.session_key)


@receiver(email_changed, sender=EmailAddress)
def note_address_change(
    request: HttpRequest,
    user: User,
    to_email_address: EmailAddress,
    from_email_address: EmailAddress | None = None,
    **kwargs: Any,
) -> None:
    """Only a proven address can take something back: one that was mistyped on signing up is a stranger's."""
    if from_email_address is not None and from_email_address.verified:
        actions.note_address_change(
            user=user, old_email=from_email_address.email, new_email=to_email_address.email, place=place_of(request)
        )


@receiver(authenticator_removed)
def cancel_pointless_reset(user: User, **kwargs: Any) -> None:
    actions.cancel_pointless_reset(user)
