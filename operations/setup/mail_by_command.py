"""Mail in `manage.py setup`: the server that is given, tried out by a mail before it is kept."""

import os
from argparse import ArgumentParser
from typing import Any

from django import forms
from django.core.management.base import CommandError

from core.mail import is_said_by_environment
from core.models import Installation
from operations.mail import MailForm, MailTrouble, choose_mail_server, send_test_mail
from operations.setup import actions
from operations.setup.forms import TestAddressForm

SECURITY = Installation.MailSecurity
#: What servers mostly listen at.
PORTS = {SECURITY.TLS: 465, SECURITY.STARTTLS: 587, SECURITY.NONE: 25}
#: Fields of the forms that are called otherwise on the command line; the rest is `--` and the field's name.
_CALLED = {"mail_password": "KREIS_SETUP_MAIL_PASSWORD", "test_to": "--test-mail-to"}


def add_mail_options(parser: ArgumentParser) -> None:
    mail = parser.add_argument_group("mail", "Without --mail-host and --test-mail-to mail is skipped, as on the page.")
    mail.add_argument(
        "--mail-host",
        default="",
        help="the server that sends mail; its password stands in the variable KREIS_SETUP_MAIL_PASSWORD",
    )
    mail.add_argument("--mail-port", type=int, help="465, or 587 with starttls")
    mail.add_argument("--mail-security", default=SECURITY.TLS.value, choices=SECURITY.values)
    mail.add_argument("--mail-user", default="", help="the account there")
    mail.add_argument("--mail-from", default="", help="the sender of all mail")
    mail.add_argument(
        "--test-mail-to", default="", help="where the test mail goes; with --mail-host also without it, to --email"
    )


def set_up_mail(given: dict[str, Any]) -> str | None:
    """Try the server out, and keep it. Called inside the transaction of everything else, last: a mail cannot be taken
    back, and where it does not leave nothing is kept. Returns: where the test mail went, None where mail is skipped.

    Raises: CommandError in words; AlreadySetUp.
    """
    host, wanted = given.get("mail_host") or "", given.get("test_mail_to") or ""
    if not host and (given.get("mail_user") or given.get("mail_from") or given.get("mail_port")):
        raise CommandError("Give --mail-host, too: which server is it?")
    if not host and not wanted:
        return None
    if host and is_said_by_environment():
        raise CommandError("KREIS_MAIL_HOST names the mail server already, and wins: leave --mail-host out, or that.")
    to: str = checked(TestAddressForm({"test_to": wanted or given["email"]}))["test_to"]
    server = _typed(given).server() if host else None
    try:
        send_test_mail(to=to, server=server)
    except MailTrouble as trouble:
        raise CommandError(f"The test mail did not leave, and nothing was set up. {trouble.reason}") from None
    if server:
        choose_mail_server(server)
    actions.note_mail("sent")
    return to


def _typed(given: dict[str, Any]) -> MailForm:
    security = given.get("mail_security") or SECURITY.TLS
    form = MailForm.of(
        Installation.objects.get(pk=Installation.ROW),
        {
            "mail_host": given["mail_host"],
            "mail_port": given.get("mail_port") or PORTS[SECURITY(security)],
            "mail_security": security,
            "mail_user": given.get("mail_user") or "",
            "mail_password": os.environ.get("KREIS_SETUP_MAIL_PASSWORD", ""),
            "mail_from": given.get("mail_from") or "",
        },
    )
    checked(form)
    if given.get("mail_user") and not form.cleaned_data["mail_password"]:
        raise CommandError("Give the password of the account there in KREIS_SETUP_MAIL_PASSWORD.")
    return form


def checked(form: forms.BaseForm) -> dict[str, Any]:
    """Raises: CommandError with what the page would say."""
    if not form.is_valid():
        told = form.errors.get_json_data().items()
        raise CommandError(" ".join(f"{_called(name)}: {one['message']}" for name, errors in told for one in errors))
    cleaned: dict[str, Any] = form.cleaned_data
    return cleaned


def _called(field: str) -> str:
    return _CALLED.get(field, f"--{field.replace('_', '-')}")
