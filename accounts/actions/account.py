"""Language, appearance, and accounts that were never entered."""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User

#: How long somebody may take to type in the first code before the begun account is deleted.
UNVERIFIED_KEPT = timedelta(days=7)


def check_language(language: str) -> None:
    """Raises: ValidationError for a language this installation does not speak."""
    if language not in dict(settings.LANGUAGES):
        raise ValidationError(_("This language is not available."), code="unknown")


def change_language(*, user: User, language: str) -> None:
    """The language of this person's pages and mails, on every device."""
    check_language(language)
    user.language = language
    user.save(update_fields=["language"])


def change_theme(*, user: User, theme: str) -> None:
    """Light, dark, or as the device has it."""
    if theme not in User.Theme.values:
        raise ValidationError(_("This appearance is not available."), code="unknown")
    user.theme = theme
    user.save(update_fields=["theme"])


def delete_unverified_accounts() -> int:
    """Delete accounts that were begun a week ago and never entered. How many there were."""
    begun = User.objects.never_verified().filter(created_at__lt=timezone.now() - UNVERIFIED_KEPT)
    by_model: dict[str, int] = begun.delete()[1]
    return by_model.get(User._meta.label, 0)
