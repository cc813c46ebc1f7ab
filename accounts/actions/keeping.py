"""What about accounts is forgotten, and when."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from accounts.models import AddressChange, FactorReset, KnownDevice, Session
from core import familiar

#: From where a device came, after its last use.
NETWORK_KEPT = timedelta(days=30)
#: As long as the cookie of the device lasts.
DEVICE_KEPT = familiar.KEPT
#: A reset that was done or cancelled, so that somebody can still ask what happened.
RESET_KEPT = timedelta(days=90)


def forget_what_is_old() -> None:
    """Shortened addresses, known devices, old addresses and resets that are over."""
    now, today = timezone.now(), timezone.localdate()
    Session.objects.filter(used_on__lt=today - NETWORK_KEPT).exclude(network="").update(network="")
    KnownDevice.objects.filter(used_on__lt=today - DEVICE_KEPT).delete()
    AddressChange.objects.filter(changed_at__lt=now - AddressChange.KEPT).delete()
    over = Q(done_at__lt=now - RESET_KEPT) | Q(cancelled_at__lt=now - RESET_KEPT)
    FactorReset.objects.filter(over).delete()
