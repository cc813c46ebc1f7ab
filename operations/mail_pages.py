"""The mail server, and a test mail to whoever asks for one."""

from typing import cast

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.reauthentication import asked_again
from core.limits import is_within
from core.mail import MailServer, is_said_by_environment
from core.models import Installation
from core.sealing import SealBroken
from operations.access import operator_page
from operations.actions import check_operator, note
from operations.mail import MailForm, MailTrouble, choose_mail_server, send_test_mail
from operations.models import LogEntry

#: Units: test mails an hour and operator. Each keeps a request waiting for somebody else's server.
TESTS_AN_HOUR = 20


@never_cache
@operator_page
@asked_again
@require_http_methods(["GET", "HEAD", "POST"])
def mail(request: HttpRequest) -> HttpResponse:
    """The server by which mail leaves. It is kept once a test mail has left by it, or without one if asked for."""
    row, person = Installation.objects.get_or_create(pk=Installation.ROW)[0], cast(User, request.user)
    form = MailForm.of(row, request.POST if request.method == "POST" else None)
    is_elsewhere = is_said_by_environment()
    if not is_elsewhere and form.is_valid() and _is_kept(person, form, tries="untried" not in request.POST):
        messages.success(request, _("Saved.") if "untried" in request.POST else _sent_to(person))
        return redirect("operations_settings")
    context = {"form": form, "is_elsewhere": is_elsewhere, "to": person.email, "tab": "settings"}
    is_wrong = form.errors or (request.method == "POST" and is_elsewhere)
    return render(request, "operations/mail.html", context, status=422 if is_wrong else 200)


def _is_kept(person: User, form: MailForm, *, tries: bool) -> bool:
    """Whether it was tried, where that is wanted, and kept; what went wrong stands in the form."""
    try:
        server = form.server()
        if tries:
            _try(person, server)
    except SealBroken:
        form.add_error("mail_password", _("The kept password cannot be read with the present key. Type it in again."))
    except MailTrouble as trouble:
        form.add_error(trouble.field or None, trouble.reason)
    else:
        _keep(person, server, is_tried=tries)
        return True
    return False


def _try(person: User, server: MailServer | None = None) -> None:
    """Raises: MailTrouble."""
    if not is_within(f"mail-test:{person.pk}", times=TESTS_AN_HOUR, seconds=3600):
        raise MailTrouble("", _("That was a bit much at once. Wait a few minutes."))
    send_test_mail(to=person.email, server=server)


@transaction.atomic
def _keep(person: User, server: MailServer, *, is_tried: bool) -> None:
    check_operator(person)
    choose_mail_server(server)
    note(actor=person, act=LogEntry.Act.MAIL)
    if is_tried:
        note(actor=person, act=LogEntry.Act.MAIL_TEST)


@operator_page
@asked_again
@require_POST
def mail_test(request: HttpRequest) -> HttpResponse:
    """A test mail by the server that counts now, to whoever asks."""
    person = cast(User, request.user)
    try:
        _try(person)
    except MailTrouble as trouble:
        messages.error(request, trouble.reason)
    else:
        note(actor=person, act=LogEntry.Act.MAIL_TEST)
        messages.success(request, _sent_to(person))
    return redirect("operations_settings")


def _sent_to(person: User) -> str:
    return _("A test mail is on its way to %(address)s. Does it arrive?") % {"address": person.email}
