"""The house rules for allauth: who may sign up, where one lands, how mails are written."""

import logging
from collections.abc import Callable, Mapping
from smtplib import SMTPException
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import actions
from accounts.devices import place_of, this_device
from accounts.known_devices import meet
from accounts.letters.addresses import tell_that_address_is_kept
from accounts.letters.changes import shut_out_url
from accounts.letters.devices import tell_of_new_device
from accounts.models import AddressChange, User
from accounts.reauthentication import was_asked
from accounts.signals import account_begun
from accounts.traps import TRAPPED
from core import throttle
from core.addresses import client_ip
from core.installation import installation
from core.models import Installation
from core.moments import in_about

logger = logging.getLogger(__name__)

#: In the session of somebody who accepted an invitation: they may open an account.
MAY_SIGN_UP = "may_sign_up"
#: In the same session: which joining waits until they are signed in.
PENDING_JOIN = "pending_join"
#: Asked with what waits there: whether it still leads in. Accounts know of no invitation; who keeps them says.
_ways_in: list[Callable[[object], bool]] = []


def way_in(check: Callable[[object], bool]) -> Callable[[object], bool]:
    """Decorator: where this says no, nobody opens an account by what they had begun."""
    _ways_in.append(check)
    return check


def _with_wait(sentence: Any) -> Any:
    """A sentence that says when to come again: as long as the request that shows it has to wait."""
    return lazy(lambda: str(sentence) % {"when": in_about(throttle.waiting(context.request))}, str)()


class AccountAdapter(DefaultAccountAdapter):
    error_messages: ClassVar[Mapping[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": gettext_lazy("This account is closed."),
        "cannot_remove_primary_email": gettext_lazy("This address is the only one; an account needs one."),
        "duplicate_email": gettext_lazy("This is your address already."),
        "email_password_mismatch": gettext_lazy(
            "This address and this password do not go together. You can also sign in by code."
        ),
        "email_taken": gettext_lazy("This address cannot be used for your account. Choose another."),
        "enter_current_password": gettext_lazy("That is not your current password."),
        "incorrect_code": gettext_lazy("This is not the code."),
        "incorrect_password": gettext_lazy("That is not your password."),
        "invalid_login": gettext_lazy("Signing in did not work."),
        "rate_limited": _with_wait(gettext_lazy("That was a bit much at once. Try again %(when)s.")),
        "same_as_current": gettext_lazy("This is your address already."),
        "too_many_login_attempts": _with_wait(gettext_lazy("That was too many tries. Try again %(when)s.")),
        "unaccepted_email": gettext_lazy(
            "We cannot send mail to this address: it is too long or has unusual characters. Choose another."
        ),
    }

    # ---- Who, and where to ----

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """As whoever runs the place has decided; to invitations the door opens only where they leave it to them."""
        policy = installation().sign_up
        if policy == Installation.SignUp.INVITATION:
            begun = request.session.get(PENDING_JOIN)
            return request.session.get(MAY_SIGN_UP) is True and (not begun or all(leads(begun) for leads in _ways_in))
        return policy == Installation.SignUp.ANYONE

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("join" if request.session.get(PENDING_JOIN) else "home")

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return self.get_login_redirect_url(request)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    def get_email_verification_redirect_url(self, email_address: Any) -> str:
        """After the code for a new address; the code of signing up goes on with signing in."""
        return reverse("account")

    def get_reauthentication_methods(self, user: AbstractBaseUser | AnonymousUser) -> list[dict[str, Any]]:
        """One page asks, by whichever way somebody has."""
        if not user.is_authenticated:
            return []
        return [{"id": "reauthenticate", "description": "", "url": reverse("account_reauthenticate")}]

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """allauth's own check stands behind the one that the addresses carry (`accounts.reauthentication`)."""
        return not was_asked(context.request)

    # ---- What is stored ----

    def save_user(
        self, request: HttpRequest, user: AbstractBaseUser, form: BaseForm, commit: bool = True
    ) -> AbstractBaseUser:
        """The account keeps the language in which it was opened: mails are written in it."""
        if isinstance(user, User):
            user.language = translation.get_language() or settings.LANGUAGE_CODE
        saved: AbstractBaseUser = super().save_user(request, user, form, commit)
        account_begun.send(sender=User, begun=request.session.get(PENDING_JOIN))
        return saved

    def clean_email(self, email: str) -> str:
        """Django lets quoted local parts with control characters pass; no mail header of ours shall hold one. What is
        longer than the column would be cut off by allauth, and be another address.
        """
        if len(email) > 254 or not email.isprintable() or any(character in email for character in '"\\ <>,;'):
            raise self.validation_error("unaccepted_email")
        return email

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """The password alone: what else stands in the row may have changed since this request read it."""
        user.set_password(password)
        user.save(update_fields=["password"])

    @transaction.atomic
    def confirm_email(self, request: HttpRequest, email_address: Any) -> bool:
        """A changed address, and that it can be taken back, are one fact."""
        confirmed: bool = super().confirm_email(request, email_address)
        return confirmed

    # ---- Signing in ----

    def get_login_stages(self) -> list[str]:
        return [*super().get_login_stages(), "accounts.new_password.NewPasswordStage"]

    def pre_login(self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> HttpResponse | None:
        if isinstance(user, User) and user.factor_reset_due_at and user.factor_reset_due_at <= timezone.now():
            actions.complete_factor_reset(user=user, but=request.session.session_key)
        answer: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return answer

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """A browser that this person never signed in with is told of by mail, except at the very first sign-in."""
        was_here = user.last_login is not None
        request.session.pop(MAY_SIGN_UP, None)  # one invitation, one account
        super().login(request, user)
        if isinstance(user, User):
            is_known = meet(request, user)
            # Who has been told ten times in an hour knows.
            if was_here and not is_known and throttle.consume(request, "new_device_letter", account=user.pk):
                tell_of_new_device(user, this_device(request))

    # ---- Requests ----

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_ip(request)

    def is_ajax(self, request: HttpRequest) -> bool:
        """There is no second, JSON shape of these pages."""
        return False

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Counted per account, not per host name: several names lead here."""
        return str(credentials.get("email", "")).lower()

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        message: Any = self.error_messages[code]
        return ValidationError(message % args if args else message, code=code)

    # ---- Mails ----

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """With a way to say that it was somebody else. A changed address is told to both, by `accounts.letters`."""
        if template_prefix != "account/email/email_changed" and isinstance(user, User):
            words = {**(context or {}), "shut_out_url": shut_out_url(user)}
            super().send_notification_mail(template_prefix, user, words, email)

    def send_account_already_exists_mail(self, email: str) -> None:
        """Of an address that is kept for the account it was taken from, something else is true. Robots have none
        sent (`accounts.traps`).
        """
        if self.request.session.get(TRAPPED):
            return
        if AddressChange.objects.keeping(email).exists() and not User.objects.with_address(email).exists():
            if not tell_that_address_is_kept(email, translation.get_language() or settings.LANGUAGE_CODE):
                self._say_that_it_was_not_sent()
        else:
            super().send_account_already_exists_mail(email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the language of the person who gets it; where there is no account, of the person who asked.

        A mail server that is down must not turn an account's page into an error: the page says so instead.
        """
        person = User.objects.with_address(email).first()
        language = (person.language if person else "") or translation.get_language() or settings.LANGUAGE_CODE
        try:
            with translation.override(language):
                words = {"now": timezone.localtime(), "device": place_of(self.request), **context}
                super().send_mail(template_prefix, email, words)
        except (SMTPException, OSError) as error:
            # Neither its words nor its traceback: a server that refuses a mail says to whom it was.
            logger.error("A mail could not be sent: %s.", type(error).__name__)
            self._say_that_it_was_not_sent()

    def _say_that_it_was_not_sent(self) -> None:
        self.add_message(self.request, messages.ERROR, message=_("The mail could not be sent. Try again later."))

    def format_email_subject(self, subject: str) -> str:
        return str(subject)
