"""The mail server of the installation: the form for it, keeping it, and trying it out with a test mail."""

import smtplib
import socket
import ssl
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.installation import installation, site_name
from core.mail import EmailBackend, MailServer, NoMailServer, mail_server
from core.models import Installation
from core.sealing import SealBroken
from operations.checks import is_local

if TYPE_CHECKING:
    _RowForm = forms.ModelForm[Installation]
else:
    _RowForm = forms.ModelForm

#: Where each of `Installation`'s words for the server stands in the form.
_FIELDS = ("mail_host", "mail_port", "mail_security", "mail_user", "mail_from")
#: All that a row keeps of a server.
MAIL_FIELDS = (*_FIELDS, "mail_password")


class MailForm(_RowForm):
    """The server that sends. The password is never shown again; left empty, it stays as long as the rest does.

    Writes nothing: `server` is what was typed in, for `send_test_mail` and `choose_mail_server`.
    """

    mail_password = forms.CharField(
        label=gettext_lazy("Password there"),
        max_length=500,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    class Meta:
        model = Installation
        fields = _FIELDS
        labels = {"mail_user": gettext_lazy("Account at the server")}
        help_texts = {
            "mail_host": gettext_lazy("As your provider calls it, for example smtp.example.org."),
            "mail_user": gettext_lazy("Often the whole email address. Empty if the server asks for none."),
            "mail_from": gettext_lazy("The address that all mail of this place comes from."),
        }

    field_order = ("mail_host", "mail_port", "mail_security", "mail_user", "mail_password", "mail_from")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept = self.instance.mail_password
        self.kept_for = (self.instance.mail_host, self.instance.mail_user)
        for name in ("mail_host", "mail_from"):
            self.fields[name].required = True
        plain = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        self.fields["mail_host"].widget.attrs.update(plain)
        self.fields["mail_user"].widget.attrs.update(plain)
        self.fields["mail_port"] = forms.IntegerField(
            label=gettext_lazy("Port"), min_value=1, max_value=65535, initial=465
        )
        if self.kept:
            self.fields["mail_password"].help_text = gettext_lazy("One is kept, sealed. Leave this empty to keep it.")

    @classmethod
    def of(cls, row: Installation, data: Any = None) -> "MailForm":
        """`row` is only read, but give it one of its own: validation writes into it."""
        return cls(data, instance=Installation.objects.get(pk=row.pk))

    def clean_mail_host(self) -> str:
        host = str(self.cleaned_data["mail_host"]).strip().lower()
        if not all(character.isalnum() or character in "-._:[]" for character in host):
            raise forms.ValidationError(_("Only the name of the server, without anything before or behind it."))
        return host

    def clean_mail_user(self) -> str:
        return _plain(str(self.cleaned_data["mail_user"]).strip())

    def clean_mail_password(self) -> str:
        return _plain(str(self.cleaned_data["mail_password"]))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        host, security = cleaned.get("mail_host"), cleaned.get("mail_security")
        if host and security == Installation.MailSecurity.NONE and not is_local(host):
            reason = _("Without encryption mail may only go to a server on this machine. Choose an encryption.")
            self.add_error("mail_security", reason)
        moved = (host, cleaned.get("mail_user")) != self.kept_for
        if self.kept and moved and cleaned.get("mail_user") and not cleaned.get("mail_password"):
            # Else whoever can change the name of the server could have the password sent to another one.
            self.add_error("mail_password", _("The server or the account is another one now: type the password again."))
        return cleaned

    def server(self) -> MailServer:
        """Of a valid form. Raises: MailTrouble where the kept password cannot be read any more."""
        typed = self.cleaned_data
        password = typed["mail_password"]
        if typed["mail_user"] and not password and self.kept:
            try:
                password = MailServer.of(Installation.objects.get(pk=Installation.ROW)).password
            except SealBroken as error:
                raise _trouble(error, None, "") from None
        return MailServer(
            typed["mail_host"],
            typed["mail_port"],
            typed["mail_security"],
            typed["mail_user"],
            password if typed["mail_user"] else "",
            typed["mail_from"],
        )


def _plain(text: str) -> str:
    """Signing in at a mail server knows no other letters. Raises: ValidationError."""
    if not text.isascii() or not text.isprintable():
        raise forms.ValidationError(_("A mail server takes only plain letters here, without umlauts or accents."))
    return text


class MailTrouble(Exception):
    """A mail did not leave. `field` is the one of `MailForm` that may be wrong, or "" where none is."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


@transaction.atomic
def choose_mail_server(server: MailServer) -> None:
    """Keep a server in the row, its password sealed, from now on.

    Whoever calls has asked who may: set-up, or `operations.switching`, which lets a day pass where mail leaves already.
    """
    row = Installation.objects.select_for_update().get(pk=Installation.ROW)
    server.keep_in(row)
    row.save(update_fields=MAIL_FIELDS)


def send_test_mail(*, to: str, server: MailServer | None = None) -> None:
    """Send a short mail by the server, or by the one that counts now, and wait for what it says.

    Raises: MailTrouble, in words for the page.
    """
    try:
        server = server or (None if _is_kept_here() else mail_server())
        if server is None and not _is_kept_here():
            raise NoMailServer
        _test_mail(to, server).send()
    except (OSError, SealBroken) as error:
        # Never with its words: a server may repeat what it was told.
        raise _trouble(error, server, to) from None


def _is_kept_here() -> bool:
    """Whether mail goes into a folder or a list instead: in the demo and in tests."""
    return not settings.EMAIL_BACKEND.startswith("core.mail.")


def _test_mail(to: str, server: MailServer | None) -> EmailMultiAlternatives:
    context = {"site_name": site_name(), "now": timezone.localtime(), "base_url": settings.BASE_URL}
    return EmailMultiAlternatives(
        _("Test mail from %(place)s") % {"place": site_name()},
        render_to_string("operations/email/test_message.txt", context),
        server.sender if server else installation().mail_from or None,
        [to],
        connection=EmailBackend(server=server) if server and not _is_kept_here() else get_connection(),
        alternatives=[(render_to_string("operations/email/test_message.html", context), "text/html")],
    )


def _trouble(error: Exception, server: MailServer | None, to: str) -> MailTrouble:
    """In the order from far to near: a certificate's error is one of encryption, which is one of the network."""
    said = {"host": server.host if server else "", "port": server.port if server else "", "address": to}
    for kind, field, words in _reasons():
        if isinstance(error, kind):
            return MailTrouble(field, words % said)
    return MailTrouble("mail_host", _("%(host)s cannot be reached on port %(port)s.") % said)


def _reasons() -> list[tuple[type[Exception], str, str]]:
    return [
        (NoMailServer, "", _("No mail server is set up.")),
        (SealBroken, "mail_password", _("The kept password cannot be read with the present key. Type it in again.")),
        (
            socket.gaierror,
            "mail_host",
            _(
                "There is no server called %(host)s that can be reached from everywhere. Is the name right? One in a "
                "network of your own needs KREIS_MAIL_OWN_NETWORK."
            ),
        ),
        (
            ConnectionRefusedError,
            "mail_port",
            _("%(host)s refuses connections on port %(port)s. Is the port right?"),
        ),
        (
            TimeoutError,
            "mail_port",
            _("%(host)s does not answer on port %(port)s. Is the port right, and does a firewall let it through?"),
        ),
        (
            ssl.SSLCertVerificationError,
            "mail_host",
            _("The certificate of %(host)s is not valid for this name, or has expired. Is the name right?"),
        ),
        (
            ssl.SSLError,
            "mail_security",
            _("%(host)s speaks another kind of encryption on port %(port)s. Try the other one."),
        ),
        (
            smtplib.SMTPAuthenticationError,
            "mail_password",
            _("%(host)s does not accept this account and password. Some providers ask for a password of its own."),
        ),
        (
            smtplib.SMTPNotSupportedError,
            "mail_security",
            _("%(host)s does not offer this encryption, or no signing in, on port %(port)s. Try the other one."),
        ),
        (smtplib.SMTPSenderRefused, "mail_from", _("%(host)s does not let this account send from this address.")),
        (smtplib.SMTPRecipientsRefused, "", _("%(host)s does not accept mail to %(address)s.")),
        (
            smtplib.SMTPServerDisconnected,
            "mail_security",
            _("%(host)s says nothing that fits on port %(port)s. The other encryption may be the right one."),
        ),
        (smtplib.SMTPResponseException, "", _("%(host)s refused the mail.")),
    ]
