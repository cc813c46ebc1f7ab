"""The ways by which somebody can show who they are, for the pages that ask: after the first step, and again."""

from dataclasses import dataclass, field
from typing import Any

from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.factors import passkeys
from accounts.factors.forms import AppForm, PasskeyForm, ProofForm, RecoveryForm
from accounts.models import User
from core import throttle
from core.numbers import in_words

Type = Authenticator.Type
#: Field of the form → the form, and which factor it is about.
FORMS: dict[str, tuple[type[ProofForm], str]] = {
    "credential": (PasskeyForm, Type.WEBAUTHN),
    "code": (AppForm, Type.TOTP),
    "recovery_code": (RecoveryForm, Type.RECOVERY_CODES),
}
#: In the session: the passkey that this very device has shown or made.
PASSKEY_HERE = "passkey_here"


@dataclass
class Proofs:
    """A person's factors, each with its form; one of them may have been sent."""

    request: HttpRequest
    user: User
    kinds: set[str] = field(init=False)
    sent: ProofForm | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.kinds = set(Authenticator.objects.filter(user=self.user).values_list("type", flat=True))
        self.forms: dict[str, ProofForm] = {}
        for name, (form, kind) in FORMS.items():
            if kind not in self.kinds:
                continue
            is_sent = self.request.method == "POST" and name in self.request.POST and self.sent is None
            made = form(self.request.POST if is_sent else None, request=self.request, user=self.user)
            self.forms[name] = made
            if is_sent:
                self.sent = made

    @property
    def exist(self) -> bool:
        """Recovery codes alone are no factor."""
        return bool(self.kinds & {Type.TOTP, Type.WEBAUTHN})

    def are_given(self) -> bool:
        """Whether the one that was sent is right. Emits: authenticator_used."""
        if self.sent is None or not self.sent.is_valid() or self.sent.factor is None:
            return False
        factor = self.sent.factor
        is_again = self.request.user.is_authenticated
        post_authentication(self.request, factor, reauthenticated=is_again)
        if isinstance(self.sent, PasskeyForm):
            remember_passkey(self.request, factor, self.sent.given)
        if factor.type == Type.RECOVERY_CODES:
            tell_how_many_are_left(self.request, len(factor.data["fingerprints"]))
        return True

    def context(self) -> dict[str, Any]:
        """For `mfa/_proofs.html`. Asking for a passkey is noted in the session: the last page that asked counts."""
        wants_passkey = "credential" in self.forms and passkeys.are_possible(self.request)
        return {
            "proofs": self.forms,
            "passkey_options": passkeys.begin_proof(self.request, self.user) if wants_passkey else None,
        }


def remember_passkey(request: HttpRequest, passkey: Authenticator, given: dict[str, Any]) -> None:
    """So that its owner's list can say "this device"."""
    if passkeys.is_built_in(given):
        request.session[PASSKEY_HERE] = passkey.pk


def tell_how_many_are_left(request: HttpRequest, left: int) -> None:
    if left:
        sentence = ngettext("You have one recovery code left.", "You have %(count)s recovery codes left.", left)
        messages.info(request, sentence % {"count": in_words(left)})
    else:
        messages.warning(request, _("That was your last recovery code. Make new ones now."))


def status_of(request: HttpRequest, is_wrong: object) -> int:
    """Of a page that is shown again: too often, or wrong; or for the first time."""
    if not is_wrong:
        return 200
    return 429 if throttle.waiting(request) else 422
