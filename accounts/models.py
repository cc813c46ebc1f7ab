"""The person's login on this installation. It knows nothing of communities."""

import uuid
from datetime import timedelta
from typing import ClassVar

from allauth.account.models import EmailAddress
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.querysets import AddressChangeQuerySet, FactorResetQuerySet, UserQuerySet
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
    #: When an operator's reset of the second factor takes effect: the open `FactorReset` says so, too. It stands here
    #: because every page of the account shows it, and no page shall ask once more for that.
    factor_reset_due_at = models.DateTimeField(null=True, editable=False)
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
    #: From which network, at the last use: the first part of the address (`accounts.networks`). "" is not known, or too
    #: long ago.
    network = models.CharField(max_length=45, default="", db_default="")

    @classmethod
    def get_session_store_class(cls) -> type[SessionStore]:
        return SessionStore


class KnownDevice(models.Model):
    """A browser in which somebody signed in, known by a cookie that it keeps. Signing in from another one is mailed."""

    user = models.ForeignKey(User, models.CASCADE, related_name="known_devices")
    #: Of the cookie and the account together: two accounts in one browser have nothing in common here.
    mark = models.CharField(max_length=64)
    #: The day of the last sign-in.
    used_on = models.DateField(default=timezone.localdate)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "mark"], name="one_row_per_known_device"),)

    def __str__(self) -> str:
        return self.mark[:8]


class AddressChange(models.Model):
    """An address that was changed. For `KEPT` the old one can take it back, and is nobody else's."""

    KEPT = timedelta(days=7)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="address_changes")
    old_email = models.EmailField(max_length=254)
    new_email = models.EmailField(max_length=254)
    changed_at = models.DateTimeField(default=timezone.now)
    #: Taken back, or made void by an older one that was taken back.
    undone_at = models.DateTimeField(null=True)

    objects = AddressChangeQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.pk)


class FactorReset(models.Model):
    """An operator takes somebody's second factor away: `WAIT` after it was asked for, unless somebody says no."""

    WAIT = timedelta(hours=48)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="factor_resets")
    #: Nobody: by command line.
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    objects = FactorResetQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["user"], condition=Q(cancelled_at=None, done_at=None), name="one_open_reset_per_account"
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)
