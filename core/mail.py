"""By which server mail leaves: the environment's (KREIS_MAIL_*), else the one in the installation's row, else none."""

import ipaddress
import smtplib
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends import smtp

from core.installation import installation
from core.models import Installation, MailRoute
from core.sealing import SealBroken, seal, unseal

#: A mail server answers within this, or the mail counts as not sent. Units: seconds.
PATIENCE = 10
_PURPOSE = "mail-password"


class NoMailServer(SMTPException):
    """Nobody has said yet by which server mail leaves: to callers a mail that could not be sent, like any other."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """`security` is a value of Installation.MailSecurity; without a `user` one does not sign in there."""

    host: str
    port: int
    security: str
    user: str
    password: str = field(repr=False)
    sender: str

    @classmethod
    def of(cls, row: MailRoute) -> "MailServer":
        """Raises: SealBroken where the key that sealed the password is gone."""
        sealed = row.mail_password
        password = unseal(_PURPOSE, sealed, _whose(row.mail_host, row.mail_user)).decode() if sealed else ""
        return cls(row.mail_host, row.mail_port, row.mail_security, row.mail_user, password, row.mail_from)

    def is_way_of(self, row: MailRoute) -> bool:
        """Whether mail would go the way it goes by `row`: to the same account of the same server."""
        return (self.host, self.port, self.security, self.user) == (
            row.mail_host,
            row.mail_port,
            row.mail_security,
            row.mail_user,
        )

    def keep_in(self, row: MailRoute) -> None:
        """Put it into a row, which is not saved by this."""
        row.mail_host, row.mail_port, row.mail_security = self.host, self.port, self.security
        row.mail_user, row.mail_from = self.user, self.sender
        row.mail_password = self.sealed_password()

    def sealed_password(self) -> str:
        """As the row keeps it. It opens for the same server and account only."""
        return seal(_PURPOSE, self.password.encode(), _whose(self.host, self.user)) if self.password else ""


def mail_server() -> MailServer | None:
    """Raises: SealBroken."""
    if is_said_by_environment():
        security = Installation.MailSecurity.NONE
        if settings.EMAIL_USE_SSL:
            security = Installation.MailSecurity.TLS
        elif settings.EMAIL_USE_TLS:
            security = Installation.MailSecurity.STARTTLS
        return MailServer(
            settings.EMAIL_HOST,
            settings.EMAIL_PORT,
            security,
            settings.EMAIL_HOST_USER,
            settings.EMAIL_HOST_PASSWORD,
            settings.DEFAULT_FROM_EMAIL,
        )
    row = installation()
    return MailServer.of(row) if row.mail_host else None


def is_said_by_environment() -> bool:
    """Whether KREIS_MAIL_HOST names the server: then what stands in the row does not count."""
    return bool(settings.EMAIL_HOST)


def can_send() -> bool:
    """Whether there is a way for mail at all; that it works only sending shows."""
    is_ours = f"{__name__}.EmailBackend" == settings.EMAIL_BACKEND
    return not is_ours or is_said_by_environment() or bool(installation().mail_host)


class EmailBackend(smtp.EmailBackend):
    """Sends by the server that counts now; what names no sender of its own gets that server's."""

    def __init__(self, fail_silently: bool = False, server: MailServer | None = None, **options: Any) -> None:
        try:
            self.server = server or mail_server()
        except SealBroken as broken:
            # To callers a mail that could not be sent; the reason names no secret.
            raise NoMailServer("The password of the mail server cannot be read with this KREIS_SEAL_KEY.") from broken
        security = Installation.MailSecurity
        self.is_careful = not (is_said_by_environment() or settings.MAIL_OWN_NETWORK)
        super().__init__(
            host=self.server.host if self.server else "",
            port=self.server.port if self.server else 0,
            username=self.server.user if self.server else "",
            password=self.server.password if self.server else "",
            use_tls=self.server is not None and self.server.security == security.STARTTLS,
            use_ssl=self.server is not None and self.server.security == security.TLS,
            fail_silently=fail_silently,
            timeout=PATIENCE,
        )

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        if self.is_careful:
            return _CarefulTLS if self.use_ssl else _Careful
        return smtplib.SMTP_SSL if self.use_ssl else smtplib.SMTP

    def open(self) -> bool | None:
        """Raises: NoMailServer."""
        if self.server is None:
            if self.fail_silently:
                return None
            raise NoMailServer("No mail server is set up.")
        try:
            return super().open()
        except UnicodeError:
            # A name that can be none ("mail..example.org"): to callers a network's error like any other.
            raise socket.gaierror("This is no name of a server.") from None

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            if self.server is not None and message.from_email == settings.DEFAULT_FROM_EMAIL:
                message.from_email = self.server.sender
        return super().send_messages(email_messages) or 0


def _whose(host: str, user: str) -> str:
    return f"{host}\x1f{user}"


class PrivateAddress(socket.gaierror):
    """A server in a private network, which nobody has allowed: for callers there is none of that name.

    The page on which an operator tries a server out must not tell who else lives in the network of this machine.
    """


class _Careful(smtplib.SMTP):
    """Goes to public addresses and to this machine only. What was looked up is what is connected to."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        allowed = [address for address in dict.fromkeys(found) if _may_be_reached(address)]
        if not allowed:
            raise PrivateAddress("This server has a private address.")
        for address in allowed[:-1]:
            try:
                return self._connected(address, port, timeout)
            except OSError:
                continue
        return self._connected(allowed[-1], port, timeout)

    def _connected(self, address: str, port: int, timeout: float) -> socket.socket:
        return super()._get_socket(address, port, timeout)  # type: ignore[misc,no-any-return]


class _CarefulTLS(_Careful, smtplib.SMTP_SSL):
    """The same, encrypted from the start; the certificate is still that of the name."""


def _may_be_reached(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return ip.is_loopback or (ip.is_global and not ip.is_multicast)
