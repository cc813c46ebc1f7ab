"""The house rules for allauth's second factors: what they are called, and that nothing of them lies open."""

from collections.abc import Mapping
from typing import Any, ClassVar

from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.utils.translation import gettext_lazy

from core.installation import site_name


class MFAAdapter(DefaultMFAAdapter):
    error_messages: ClassVar[Mapping[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy("This is not the code."),
        "unverified_email": gettext_lazy("First type in the code that we sent to your new address."),
        "passkey_refused": gettext_lazy("This passkey does not fit here. Try again, or take another way."),
        "passkey_late": gettext_lazy("That took too long. Try again."),
        "passkeys_enough": gettext_lazy("You have twenty passkeys. Remove one before you add another."),
    }

    def encrypt(self, text: str) -> str:
        """allauth would not say whose secret it is. `accounts.factors.secrets` does, and keeps them instead."""
        raise ImproperlyConfigured("Secrets of second factors are kept by accounts.factors.secrets.")

    def decrypt(self, encrypted_text: str) -> str:
        raise ImproperlyConfigured("Secrets of second factors are kept by accounts.factors.secrets.")

    def get_totp_issuer(self) -> str:
        return site_name()

    def get_public_key_credential_user_entity(self, user: AbstractBaseUser) -> dict[str, Any]:
        """Browsers show the address where several accounts have passkeys for this site."""
        address = self._get_user_identifier(user)
        return {"id": user.pk.bytes, "display_name": address, "name": address}

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        message: Any = self.error_messages[code]
        return ValidationError(message % args if args else message, code=code)
