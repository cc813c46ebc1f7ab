"""The person's login on this installation. It knows nothing of communities."""

import uuid
from typing import ClassVar

from allauth.account.models import EmailAddress
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.querysets import UserQuerySet
from accounts.sessions import SessionStore


class UserManager(BaseUserManager.from_queryset(UserQuerySet)["User"]):  # type: ignore[misc]  # a class made on the spot
    @transaction.atomic
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        """A new account whose address counts as verified: for commands, the demo and tests. Signing up goes through
        allauth. Without a password one signs in by mailed code.
        """
        user: User = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        user: User = self.get(email__iexact=username)
        return user


class User(AbstractBaseUser):
    """An account. No rights hang on it: inside a community the membership acts."""

    class Theme(models.TextChoices):
        SYSTEM = "system", _("As the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("Email address"), max_length=254)
    language = models.CharField(_("Language"), max_length=8, blank=True)
    theme = models.CharField(_("Appearance"), max_length=8, choices=Theme.choices, default=Theme.SYSTEM)
    #: Runs this place: sees sizes and health of it, never contents.
    is_operator = models.BooleanField(default=False, db_default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_per_address")]

    def __str__(self) -> str:
        return str(self.pk)

    # guardian and allauth ask these; nobody here has rights by account.
    is_superuser = False
    is_staff = False

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return False


class Session(AbstractBaseSession):
    """One browser: what it did on the way in, and once signed in, whose it is. Deleting it signs out."""

    account = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions")
    #: The day only: who was here at what time is nobody's to know.
    used_on = models.DateField(default=timezone.localdate)

    @classmethod
    def get_session_store_class(cls) -> type[SessionStore]:
        return SessionStore
