"""Pages that links in mails open. Opening one changes nothing: programs that look for harm in mails open them, too."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import actions
from accounts.devices import Device, devices_of
from accounts.letters.addresses import UNDO
from accounts.letters.changes import SHUT_OUT, may_shut_out
from accounts.letters.devices import END_SESSION
from accounts.letters.factors import CANCEL_RESET
from accounts.models import AddressChange, FactorReset, User
from accounts.tickets import opened
from core.csrf import without_referrer


def _lost(request: HttpRequest) -> HttpResponse:
    """Forged, expired and used ones are one page."""
    return render(request, "accounts/lost_link.html", status=404)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@without_referrer
def undo_address_change(request: HttpRequest, ticket: str) -> HttpResponse:
    """From the old address: the account comes back to it."""
    number = _number(opened(UNDO, ticket))
    change = AddressChange.objects.open().filter(pk=number).select_related("user").first() if number else None
    if change is None:
        return _lost(request)
    error = ""
    if request.method == "POST":
        try:
            actions.undo_address_change(change=change)
        except ValidationError as refusal:
            error = refusal.messages[0]
        else:
            messages.success(request, _("Your account has its old address again. Everybody is signed out."))
            return redirect("account_login")
    context = {"change": change, "until": change.changed_at + AddressChange.KEPT, "error": error}
    return render(request, "accounts/undo_address_change.html", context, status=422 if error else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@without_referrer
def end_unknown_device(request: HttpRequest, ticket: str) -> HttpResponse:
    """From the letter about a sign-in: that browser is signed out. What is signed out already, is."""
    owner, _dot, number = opened(END_SESSION, ticket).partition(".")
    person = User.objects.filter(pk=_number(owner)).first() if number else None
    if person is None:
        return _lost(request)
    device = _device(person, number)
    if request.method == "POST":
        if device is not None:
            actions.end_session(user=person, session_key=device.session_key)
        return redirect(request.path)
    return render(request, "accounts/end_unknown_device.html", {"device": device, "person": person})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@without_referrer
def shut_out(request: HttpRequest, ticket: str) -> HttpResponse:
    """From a letter about a changed password or factor: everybody is out, and the password void."""
    owner, _dot, _rest = opened(SHUT_OUT, ticket).partition(".")
    person = User.objects.filter(pk=_number(owner)).first()
    if person is None or not may_shut_out(person, ticket):
        return _lost(request)
    if request.method == "POST":
        actions.shut_out(user=person, link=ticket)
        person.refresh_from_db()
        return render(request, "accounts/shut_out.html", {"person": person, "is_done": True})
    return render(request, "accounts/shut_out.html", {"person": person})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@without_referrer
def refuse_factor_reset(request: HttpRequest, ticket: str) -> HttpResponse:
    """From the letter about an operator's reset: it does not happen. Cancelled twice is cancelled."""
    number = _number(opened(CANCEL_RESET, ticket))
    reset = FactorReset.objects.filter(pk=number, done_at=None).select_related("user").first() if number else None
    if reset is None:
        return _lost(request)
    if request.method == "POST":
        if reset.cancelled_at is None:
            actions.cancel_factor_reset(user=reset.user, by=None)
        return redirect(request.path)
    return render(request, "accounts/refuse_factor_reset.html", {"reset": reset})


@login_required
@require_POST
def cancel_factor_reset(request: HttpRequest) -> HttpResponse:
    """From any device where the person is signed in."""
    if isinstance(request.user, User):
        actions.cancel_factor_reset(user=request.user, by=request.user)
    messages.success(request, _("Cancelled. Your second factor stays."))
    return redirect("account")


def _device(person: User, number: str) -> Device | None:
    return next((device for device in devices_of(person, None) if device.number == number), None)


def _number(words: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(hex=words)
    except ValueError:
        return None
