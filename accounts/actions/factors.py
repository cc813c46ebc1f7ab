"""An operator takes somebody's second factor away: after 48 hours, told at once, and stopped by a word.

Whoever loses every factor has nothing left to prove themselves with, so a person decides; the time is for the owner of
the account to say no, where it was somebody else who asked.
"""

from datetime import datetime
from functools import partial

from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.sessions import end_other_sessions
from accounts.factors.secrets import seal_secret, unseal_secret
from accounts.letters.factors import tell_of_asked_reset, tell_of_cancelled_reset, tell_of_done_reset
from accounts.models import FactorReset, User
from core.sealing import SealBroken, is_of_newest_key


@transaction.atomic
def ask_factor_reset(*, user: User, asked_by: User | None) -> FactorReset:
    """In 48 hours every factor of this account is removed. One that is asked for already stays as it is.

    `asked_by`: an operator, or nobody: the command line. The person is told by mail, and on every page.
    Raises: PermissionDenied; ValidationError where there is no factor.
    """
    if asked_by is not None and not asked_by.is_operator:
        raise PermissionDenied(_("Only operators can do this."))
    user = User.objects.select_for_update().get(pk=user.pk)  # two operators at once ask for one reset
    reset: FactorReset | None = FactorReset.objects.open().filter(user=user).first()
    if reset is not None:
        return reset
    if not Authenticator.objects.filter(user=user).exists():
        raise ValidationError(_("This account has no second factor."), code="none")
    now = timezone.now()
    reset = FactorReset.objects.create(user=user, asked_by=asked_by, asked_at=now, due_at=now + FactorReset.WAIT)
    _note_due(user, reset.due_at)
    transaction.on_commit(partial(tell_of_asked_reset, reset), robust=True)
    return reset


@transaction.atomic
def cancel_factor_reset(*, user: User, by: User | None) -> bool:
    """The factors stay. Returns whether there was something to cancel. The person is told by mail.

    `by`: the person, an operator, or nobody: the command line, and the link of the mail.
    Raises: PermissionDenied.
    """
    if by is not None and by.pk != user.pk and not by.is_operator:
        raise PermissionDenied(_("Only operators can do this."))
    user = User.objects.select_for_update().get(pk=user.pk)
    if not cancel_open_reset(user):
        return False
    transaction.on_commit(partial(tell_of_cancelled_reset, user), robust=True)
    return True


def cancel_open_reset(user: User) -> bool:
    """Inside another action on the account, which tells of it."""
    found: int = FactorReset.objects.open().filter(user=user).update(cancelled_at=timezone.now())
    _note_due(user, None)
    return found > 0


@transaction.atomic
def complete_factor_reset(*, user: User, but: str | None = None) -> bool:
    """Remove the factors, if a reset is due. Ends all sessions except `but`. Returns whether this call did it.

    Called by the clock, and on signing in: where no worker runs, nobody shall wait longer for that.
    Emits: session_ended.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    if not FactorReset.objects.due().filter(user=user).update(done_at=timezone.now()):
        return False
    _note_due(user, None)
    if remove_factors(Authenticator.objects.filter(user=user), user):
        end_other_sessions(user=user, but=but)
        transaction.on_commit(partial(tell_of_done_reset, user), robust=True)
    return True


def complete_due_resets() -> int:
    """Every one that is due, each for itself. How many there were."""
    due = User.objects.filter(pk__in=FactorReset.objects.due().values("user"))
    return sum(complete_factor_reset(user=user) for user in due)


def remove_factors(factors: "QuerySet[Authenticator]", user: User) -> int:
    """Recovery codes go with the last factor that they stood in for. How many were removed."""
    count = factors.delete()[0]
    left = Authenticator.objects.filter(user=user)
    if not left.exclude(type=Authenticator.Type.RECOVERY_CODES).exists():
        count += left.delete()[0]
    return count


def cancel_pointless_reset(user: User) -> None:
    """Somebody who was asked for a factor after all, and took the last one away themselves."""
    if user.factor_reset_due_at and not Authenticator.objects.filter(user=user).exists():
        cancel_open_reset(user)


def reseal_app_secrets() -> tuple[int, int, int]:
    """Seal with the newest key what an older one sealed, each for itself: people sign in meanwhile.

    Shape: how many were; how many cannot be read; how many people's recovery codes need an older key, for of these
    nothing is kept that could be sealed.
    """
    done = lost = 0
    for number in Authenticator.objects.filter(type=Authenticator.Type.TOTP).values_list("pk", flat=True):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update(of=("self",)).filter(pk=number).first()
            if row is None or is_of_newest_key(row.data["secret"]):
                continue
            try:
                row.data["secret"] = seal_secret(row.user, unseal_secret(row.user, row.data["secret"]))
            except SealBroken:
                lost += 1
            else:
                row.save(update_fields=["data"])
                done += 1
    kept = Authenticator.objects.filter(type=Authenticator.Type.RECOVERY_CODES).values_list("data", flat=True)
    older = sum(any(not is_of_newest_key(one) for one in data["fingerprints"]) for data in kept.iterator())
    return done, lost, older


def _note_due(user: User, moment: datetime | None) -> None:
    user.factor_reset_due_at = moment
    user.save(update_fields=["factor_reset_due_at"])
