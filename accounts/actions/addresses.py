"""An address that was changed, and how the old one takes it back. Reasons: docs/decisions/0015."""

from datetime import timedelta
from functools import partial

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.factors import cancel_open_reset, remove_factors
from accounts.actions.sessions import end_other_sessions
from accounts.letters.addresses import tell_of_changed_address, tell_of_undone_change
from accounts.models import AddressChange, User

#: What was added so long before the change is taken for a stranger's, too.
BEFORE = timedelta(hours=1)


def note_address_change(*, user: User, old_email: str, new_email: str, place: str) -> AddressChange:
    """After a proven address gave way to another one. Both are told; the old one can take it back for seven days."""
    change = AddressChange.objects.create(user=user, old_email=old_email, new_email=new_email)
    transaction.on_commit(partial(tell_of_changed_address, change, place), robust=True)
    return change


@transaction.atomic
def undo_address_change(*, change: AddressChange) -> bool:
    """The account has its old address again, and whoever came in since is out. Returns whether this call did it.

    All sessions end, also what was begun and waits for a code; the password no longer works; factors added since an
    hour before the change are removed, those from before stay and are asked for. Both addresses are told.
    Raises: ValidationError where the old address is another account's by now.
    Emits: session_ended.
    """
    # The account first, as in everything that changes what it is signed in with; a second click waits here.
    user = User.objects.select_for_update().get(pk=change.user_id)
    if not AddressChange.objects.open().filter(pk=change.pk).exists():
        return False
    _take_address(user, change.old_email)
    later = AddressChange.objects.open().filter(user=user, changed_at__gte=change.changed_at)
    addresses = {user.email, *later.values_list("new_email", flat=True)} - {change.old_email}
    later.update(undone_at=timezone.now())
    user.email = change.old_email
    user.set_unusable_password()
    user.save(update_fields=["email", "password"])
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    remove_factors(Authenticator.objects.filter(user=user, created_at__gte=change.changed_at - BEFORE), user)
    cancel_open_reset(user)
    end_other_sessions(user=user, but=None)
    transaction.on_commit(partial(tell_of_undone_change, user, addresses), robust=True)
    return True


def _take_address(user: User, email: str) -> None:
    """Accounts that only claim it give way, as they do to whoever proves an address by code."""
    others = User.objects.with_address(email).exclude(pk=user.pk)
    User.objects.never_verified().filter(pk__in=[other.pk for other in others]).delete()
    if User.objects.with_address(email).exclude(pk=user.pk).exists():
        raise ValidationError(
            _("This address belongs to another account by now. Whoever runs this place can help."), code="taken"
        )
