"""The letter about a sign-in from a browser that is not known."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.devices import Device, with_network
from accounts.letters import Letter, absolute, send_letter
from accounts.models import User
from accounts.tickets import ticket
from core.moments import in_full

#: What the link in it may do.
END_SESSION = "end session"


def tell_of_new_device(user: User, device: Device) -> None:
    send_letter(user.email, user.language, lambda: _new_device(user, device))


def _new_device(user: User, device: Device) -> Letter:
    when = in_full(device.since or timezone.now())
    path = reverse("end_unknown_device", args=[ticket(END_SESSION, f"{user.pk.hex}.{device.number}")])
    return Letter(
        heading=_("Somebody signed in to your account"),
        lines=[
            _("On %(when)s, with a browser that we had not seen with your account: %(device)s.")
            % {"when": when, "device": with_network(str(device), device.network)},
            _("If it was you, you need not do anything."),
        ],
        link=(_("It was not me: sign that browser out"), absolute(path)),
        small=[
            _(
                "If it was not you, change your password afterwards, and that of your mailbox if it could be the same. "
                "A second factor keeps out whoever knows either."
            )
        ],
    )
