"""The mail server, and a test mail to whoever asks for one."""

import uuid
from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.reauthentication import asked_again
from accounts.tickets import opened
from core.csrf import without_referrer
from core.mail import MailServer, is_said_by_environment
from core.models import Installation
from core.throttle import consume
from operations.access import operator_page
from operations.actions import note
from operations.mail import MailForm, MailTrouble, send_test_mail
from operations.models import LogEntry, MailSwitch
from operations.switching import CANCEL_SWITCH, ask_for_server, cancel_switch, mail_leaves, open_switch


@never_cache
@operator_page
@asked_again
@require_http_methods(["GET", "HEAD", "POST"])
def mail(request: HttpRequest) -> HttpResponse:
    """The server by which mail leaves: kept once a test mail has left by it. Where mail leaves already it waits a day;
    only where none does it can be kept untried."""
    row, person = Installation.objects.get_or_create(pk=Installation.ROW)[0], cast(User, request.user)
    form = MailForm.of(row, request.POST if request.method == "POST" else None)
    is_elsewhere, leaves = is_said_by_environment(), mail_leaves()
    if not is_elsewhere and form.is_valid():
        server = _tried(request, form, tries=leaves or "untried" not in request.POST)
        if server is not None:
            _keep(request, person, server, is_tried=leaves or "untried" not in request.POST)
            return redirect("operations_settings")
    context = {"form": form, "is_elsewhere": is_elsewhere, "to": person.email, "tab": "settings"}
    context |= {"leaves": leaves, "switch": open_switch()}
    is_wrong = form.errors or (request.method == "POST" and is_elsewhere)
    return render(request, "operations/mail.html", context, status=422 if is_wrong else 200)


def _tried(request: HttpRequest, form: MailForm, *, tries: bool) -> MailServer | None:
    """The server that was typed in, once it was tried where that is wanted; what went wrong stands in the form."""
    try:
        server = form.server()
        if tries:
            _try(request, server)
    except MailTrouble as trouble:
        form.add_error(trouble.field or None, trouble.reason)
    else:
        return server
    return None


def _keep(request: HttpRequest, person: User, server: MailServer, *, is_tried: bool) -> None:
    switch = ask_for_server(actor=person, server=server)
    if is_tried and switch is None:
        note(actor=person, act=LogEntry.Act.MAIL_TEST)
    if switch is not None:
        said = _("Mail leaves by this server in a day. All operators were told, and can cancel it until then.")
    else:
        said = _sent_to(person) if is_tried else _("Saved.")
    messages.success(request, said)


@operator_page
@require_POST
def mail_keep(request: HttpRequest) -> HttpResponse:
    """No other mail server. It takes nothing from anybody, so nobody is asked once more."""
    if cancel_switch(by=cast(User, request.user)):
        messages.success(request, _("Cancelled. Mail leaves as before."))
    return redirect("operations_settings")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@without_referrer
def refuse_mail_switch(request: HttpRequest, ticket: str) -> HttpResponse:
    """From the letter about another mail server. Opening it changes nothing; cancelled twice is cancelled."""
    try:
        number = uuid.UUID(hex=opened(CANCEL_SWITCH, ticket))
    except ValueError:
        return render(request, "accounts/lost_link.html", status=404)
    switch = MailSwitch.objects.filter(pk=number, done_at=None).first()
    if switch is None:
        return render(request, "accounts/lost_link.html", status=404)
    if request.method == "POST":
        if switch.cancelled_at is None:
            cancel_switch(by=None)
        return redirect(request.path)
    return render(request, "operations/refuse_mail_switch.html", {"switch": switch})


def _try(request: HttpRequest, server: MailServer | None = None) -> None:
    """Raises: MailTrouble."""
    person = cast(User, request.user)
    if not consume(request, "test_mail", account=person.pk):
        raise MailTrouble("", _("That was a bit much at once. Wait a few minutes."))
    send_test_mail(to=person.email, server=server)


@operator_page
@asked_again
@require_POST
def mail_test(request: HttpRequest) -> HttpResponse:
    """A test mail by the server that counts now, to whoever asks."""
    person = cast(User, request.user)
    try:
        _try(request)
    except MailTrouble as trouble:
        messages.error(request, trouble.reason)
    else:
        note(actor=person, act=LogEntry.Act.MAIL_TEST)
        messages.success(request, _sent_to(person))
    return redirect("operations_settings")


def _sent_to(person: User) -> str:
    return _("A test mail is on its way to %(address)s. Does it arrive?") % {"address": person.email}
