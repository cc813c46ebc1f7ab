"""Letters about an operator's reset of the second factor."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.letters import Letter, absolute, send_letter
from accounts.models import FactorReset, User
from accounts.tickets import ticket
from core.moments import in_full

#: What the link in the first one may do.
CANCEL_RESET = "cancel reset"


def tell_of_asked_reset(reset: FactorReset) -> None:
    send_letter(reset.user.email, reset.user.language, lambda: _asked(reset))


def tell_of_cancelled_reset(user: User) -> None:
    send_letter(user.email, user.language, _cancelled)


def tell_of_done_reset(user: User) -> None:
    send_letter(user.email, user.language, _done)


def _asked(reset: FactorReset) -> Letter:
    path = reverse("refuse_factor_reset", args=[ticket(CANCEL_RESET, reset.pk.hex)])
    return Letter(
        heading=_("Your second factor is going to be removed"),
        lines=[
            _(
                "Whoever runs this place was asked to remove passkeys, authenticator app and recovery codes from "
                "your account."
            ),
            _("It happens on %(when)s. Until then nothing changes.") % {"when": in_full(reset.due_at)},
            _("If you asked for it, wait until then and sign in without a second factor. You need not do anything."),
        ],
        link=(_("It was not me: cancel it"), absolute(path)),
        small=[
            _(
                "The link opens a page that asks first. On devices where you are signed in, you can cancel it on "
                "every page."
            ),
            _("If it was not you: change your password, and ask whoever runs this place who it was."),
        ],
    )


def _cancelled() -> Letter:
    return Letter(
        heading=_("Your second factor stays"),
        lines=[
            _("The removal was cancelled. Passkeys, authenticator app and recovery codes work as before."),
            _("If it was not you who cancelled it, ask whoever runs this place."),
        ],
    )


def _done() -> Letter:
    return Letter(
        heading=_("Your second factor was removed"),
        lines=[
            _("48 hours ago we wrote to you that this would happen. All devices are signed out."),
            _("Sign in, and set up a new second factor under \u201cYour account\u201d."),
        ],
        link=(_("Sign in"), absolute(reverse("account_login"))),
        small=[_("If you did not want this, ask whoever runs this place.")],
    )
