"""What the steps write. Each locks the row first: two tabs, two browsers, two clicks stand in a line."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import check_language, end_other_sessions
from accounts.models import User
from communities.actions import choose_first_rules, found_by, refound
from communities.models import Community, Membership
from core.models import Installation


class AlreadySetUp(Exception):
    """Somebody was quicker: from now on there is nothing to set up."""


@contextmanager
def open_row() -> Iterator[Installation]:
    """The row, locked until what stands in the block is stored. Raises: AlreadySetUp."""
    with transaction.atomic():
        Installation.objects.get_or_create(pk=Installation.ROW)
        row = Installation.objects.select_for_update().get(pk=Installation.ROW)
        if row.set_up_at is not None:
            raise AlreadySetUp
        yield row


def name_place(*, name: str, language: str) -> None:
    """Raises: AlreadySetUp; ValidationError for a language that is not spoken here."""
    check_language(language)
    with open_row() as row:
        row.name, row.language = name, language
        _note(row, server=True)


def choose_place_language(language: str) -> None:
    """Raises: AlreadySetUp; ValidationError for a language that is not spoken here."""
    check_language(language)
    with open_row() as row:
        row.language = language
        row.save(update_fields=["language"])
        User.objects.filter(pk=row.setup.get("operator")).update(language=language)


def note_mail(how: str) -> None:
    """`how` is "sent", after a test mail, or "skipped". Raises: AlreadySetUp."""
    with open_row() as row:
        _note(row, mail=how)


def make_operator(*, email: str, password: str, language: str) -> User:
    """The account that runs the place: one, however often it is asked for. Later it gets another address or password,
    for whoever has got this far could also have asked the database.

    Raises: AlreadySetUp; ValidationError for an address that is another account's.
    """
    with open_row() as row:
        operator: User | None = User.objects.filter(pk=row.setup.get("operator")).first()
        if User.objects.with_address(email).exclude(pk=operator.pk if operator else None).exists():
            raise ValidationError({"email": _("This address cannot be used for your account. Choose another.")})
        if operator is None:
            operator = User.objects.create_user(email, password, language=language, is_operator=True)
        else:
            _change(operator, email.strip().lower(), password)
        _note(row, operator=str(operator.pk))
    return operator


def _change(operator: User, email: str, password: str) -> None:
    """As if it had been made like this: who is signed in elsewhere with the former password is not any more."""
    is_another = not operator.check_password(password)
    operator.email, operator.is_operator, operator.is_active = email, True, True
    if is_another:
        operator.set_password(password)
    operator.save()
    EmailAddress.objects.filter(user=operator).exclude(email=email).delete()
    EmailAddress.objects.update_or_create(user=operator, email=email, defaults={"verified": True, "primary": True})
    if is_another:
        end_other_sessions(user=operator, but=None)


def found_first(*, operator: User, **founding: Any) -> Community:
    """The first community: founded once, changed afterwards for as long as nobody has come.

    Raises: AlreadySetUp; ValidationError, of the field "slug"; PermissionDenied where somebody has come already.
    """
    with open_row() as row:
        founder = founder_in(row, operator)
        if founder is not None:
            refound(actor=founder, **founding)
            founder.community.refresh_from_db()
            return founder.community
        community = found_by(operator, **founding)
        _note(row, community=str(community.pk))
    return community


def agree_on(*, operator: User, rules: Sequence[tuple[str, str]]) -> None:
    """Raises: AlreadySetUp; PermissionDenied where there is no community yet, or somebody has come already."""
    with open_row() as row:
        founder = founder_in(row, operator)
        if founder is None:
            raise PermissionDenied
        choose_first_rules(actor=founder, rules=rules)


def founder_in(row: Installation, operator: User) -> Membership | None:
    """The operator's membership in the first community, where that has been founded and is still there."""
    mine = Membership.objects.of_account(operator.pk).filter(community=row.setup.get("community"))
    return mine.select_related("community", "role", "user").first()


def finish(*, operator: User) -> None:
    """From now on there is no set-up any more. Raises: AlreadySetUp; PermissionDenied where something is missing."""
    with open_row() as row:
        founder = founder_in(row, operator)
        if founder is None or not founder.community.rules.exists():
            raise PermissionDenied
        close(row)


def close(row: Installation) -> None:
    """Of a locked row."""
    row.set_up_at, row.setup = timezone.now(), {}
    row.save(update_fields=["set_up_at", "setup"])


def _note(row: Installation, **steps: object) -> None:
    row.setup = {**row.setup, **steps}
    row.save()
