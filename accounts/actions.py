"""What can be done with an account, apart from what allauth does."""

from datetime import timedelta
from functools import partial

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Session, User
from accounts.signals import session_ended

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


@transaction.atomic
def end_session(*, user: User, session_key: str) -> bool:
    """Sign this person out on one of their devices; its open pages end at once. Returns whether it was theirs.

    The only way to end a session from elsewhere: a row that is merely deleted leaves its sockets for a minute.
    Emits: session_ended.
    """
    if not Session.objects.filter(pk=session_key, account=user).delete()[0]:
        return False
    told = partial(session_ended.send, sender=Session, user_id=user.pk, session_key=session_key)
    transaction.on_commit(told, robust=True)
    return True


def end_other_sessions(*, user: User, but: str | None) -> int:
    """Sign this person out everywhere except in one session. How many there were. Emits: session_ended."""
    others = Session.objects.filter(account=user).exclude(pk=but).values_list("pk", flat=True)
    return sum(end_session(user=user, session_key=key) for key in list(others))


def delete_unverified_accounts() -> int:
    """Delete accounts that were begun a week ago and never entered. How many there were."""
    begun = User.objects.never_verified().filter(created_at__lt=timezone.now() - UNVERIFIED_KEPT)
    by_model: dict[str, int] = begun.delete()[1]
    return by_model.get(User._meta.label, 0)
