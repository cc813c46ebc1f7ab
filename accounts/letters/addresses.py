"""Letters about an address that was changed, and about a change that was taken back.

To the old address nobody says which the new one is: whoever reads there may be the reason for the change.
"""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.letters import Letter, absolute, send_letter
from accounts.models import AddressChange, User
from accounts.tickets import ticket
from core.moments import in_full

#: What the link in the letter to the old address may do.
UNDO = "undo address"


def tell_of_changed_address(change: AddressChange, place: str) -> None:
    """`place`: where it was done, such as "Firefox on Linux (203.0.113.x)"."""
    language = change.user.language
    send_letter(change.old_email, language, lambda: _to_the_old_one(change, place))
    send_letter(change.new_email, language, lambda: _to_the_new_one(change, place))


def tell_of_undone_change(user: User, other_addresses: set[str]) -> None:
    """`other_addresses`: those that the account had since, and no longer has."""
    send_letter(user.email, user.language, _restored)
    for address in sorted(other_addresses):
        send_letter(address, user.language, _taken_back)


def tell_that_address_is_kept(to: str, language: str) -> bool:
    """To somebody who wants an account with an address that may yet go back to another one. Whether it was sent."""
    return send_letter(to, language, _kept)


def _when_and_where(change: AddressChange, place: str) -> str:
    return _("When: %(when)s. With: %(device)s.") % {"when": in_full(change.changed_at), "device": place}


def _to_the_old_one(change: AddressChange, place: str) -> Letter:
    path = reverse("undo_address_change", args=[ticket(UNDO, change.pk.hex)])
    return Letter(
        heading=_("Your account has another address now"),
        lines=[
            _("From now on we write to the new address. This is the last mail to this one, if it was you."),
            _when_and_where(change, place),
            _("If it was not you, you can take it back until %(when)s, and everybody is signed out.")
            % {"when": in_full(change.changed_at + AddressChange.KEPT)},
        ],
        link=(_("It was not me: take it back"), absolute(path)),
        small=[_("The link opens a page that asks first. Opening it changes nothing.")],
    )


def _to_the_new_one(change: AddressChange, place: str) -> Letter:
    return Letter(
        heading=_("This is the address of your account now"),
        lines=[
            _("From now on we write to you here, and here go the codes by which you sign in."),
            _when_and_where(change, place),
        ],
        small=[
            _("We told the old address. For seven days it can take the change back."),
            _("If you have no account here, somebody typed in a code that was sent to you. Write to us in that case."),
        ],
    )


def _restored() -> Letter:
    return Letter(
        heading=_("Your account has its old address again"),
        lines=[
            _("The change was taken back with the link in our mail to this address."),
            _(
                "All devices are signed out. The password no longer works, and passkeys, authenticator apps and "
                "recovery "
                "codes that were added around the change are removed. Those from before are asked for as ever."
            ),
            _("Sign in with a code, then set a new password."),
        ],
        link=(_("Sign in"), absolute(reverse("account_login"))),
        small=[_("Change the password of your mailbox, too, if somebody else could know it.")],
    )


def _taken_back() -> Letter:
    return Letter(
        heading=_("This is no longer the address of your account"),
        lines=[
            _("The change of address was taken back from the old address. All devices are signed out."),
            _(
                "If it was you who changed it, and somebody else took it back, whoever runs this place can help. A "
                "second "
                "factor that you had before is still asked for."
            ),
        ],
    )


def _kept() -> Letter:
    return Letter(
        heading=_("This address is not free yet"),
        lines=[
            _("Somebody, perhaps you, wanted to use this address for an account here."),
            _(
                "It belonged to another account until a few days ago. For seven days after a change it can go back "
                "there, "
                "so nobody else gets it meanwhile. Try again after that."
            ),
        ],
        small=[_("If it was not you, you need not do anything.")],
    )
