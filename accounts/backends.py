"""Signing in by address and password."""

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.base_user import AbstractBaseUser

from accounts.models import User


class AddressBackend(AuthenticationBackend):
    """allauth's backend with one query per try: its own looks a second time where it found no verified address,
    and the time of an answer must not tell whether there is an account. Where there is none, the parent class
    hashes the password all the same.
    """

    def _authenticate_by_email(self, email: str, password: str) -> AbstractBaseUser | None:
        found: AbstractBaseUser | None = self._check_password(User.objects.with_address(email).first(), password)
        return found
