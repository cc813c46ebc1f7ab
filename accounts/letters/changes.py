"""The link in letters about a changed password or factor: everybody out, and the password void.

It takes no factor away: whoever reads a mailbox would be past the second step by it.
"""

import time
from datetime import timedelta

from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from accounts.letters import Letter, absolute, send_letter
from accounts.models import User
from accounts.tickets import opened, ticket

#: What the link may do.
SHUT_OUT = "shut out"
#: So long after the letter.
KEPT = timedelta(days=7)


def shut_out_url(user: User) -> str:
    """Works until the password is another one: once, and not after a newer letter about a password."""
    words = f"{user.pk.hex}.{_state(user)}.{int(time.time())}"
    return absolute(reverse("shut_out", args=[ticket(SHUT_OUT, words)]))


def may_shut_out(user: User, given: str) -> bool:
    """Whether the link is of this account, not too old, and the password that it was sent about."""
    owner, state, since = [*opened(SHUT_OUT, given).split("."), "", "", ""][:3]
    is_recent = since.isdigit() and time.time() - int(since) <= KEPT.total_seconds()
    return owner == user.pk.hex and is_recent and constant_time_compare(state, _state(user))


def tell_of_shut_out(user: User) -> None:
    send_letter(user.email, user.language, _shut_out)


def _state(user: User) -> str:
    return salted_hmac("accounts.shut_out", f"{user.pk.hex} {user.password}", algorithm="sha256").hexdigest()[:24]


def _shut_out() -> Letter:
    return Letter(
        heading=_("All devices are signed out"),
        lines=[
            _("It was done with the link in our mail about a change to your account. The password no longer works."),
            _("Sign in with a code, set a new password, and look through your second factors."),
        ],
        link=(_("Sign in"), absolute(reverse("account_login"))),
        small=[_("Change the password of your mailbox, too, if somebody else could know it.")],
    )
