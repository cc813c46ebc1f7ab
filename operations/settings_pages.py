"""What an operator decides for everybody here: one page that shows it, one for each thing to change."""

from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.reauthentication import asked_again
from core.mail import can_send, is_said_by_environment
from core.models import Installation
from operations.access import operator_page
from operations.actions import change_settings
from operations.forms import AccessForm, ImprintForm, PlaceForm, PrivacyForm, SettingsForm, TermsForm
from operations.models import LogEntry
from operations.switching import open_switch

#: How many acts the page shows.
NEWEST = 20


@dataclass(frozen=True, slots=True)
class Change:
    """A page that changes something: its form, and what it says above."""

    form: type[SettingsForm]
    lead: Any
    is_legal: bool = False


_NO_ADVICE = gettext_lazy(
    "What you find here to begin with is a start, no legal advice. Make it your own: what stands in double square "
    "brackets is for you to fill in. A line that begins with two number signs is a heading, one with a dash a list."
)
CHANGES: dict[str, Change] = {
    LogEntry.Act.ACCESS: Change(AccessForm, gettext_lazy("It counts from now on; those who have an account keep it.")),
    LogEntry.Act.PLACE: Change(PlaceForm, gettext_lazy("What people read above every page that is not a group’s.")),
    LogEntry.Act.IMPRINT: Change(ImprintForm, _NO_ADVICE, is_legal=True),
    LogEntry.Act.PRIVACY: Change(PrivacyForm, _NO_ADVICE, is_legal=True),
    LogEntry.Act.TERMS: Change(TermsForm, _NO_ADVICE, is_legal=True),
}


@never_cache
@operator_page
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """All decisions as they are, and who changed them."""
    row = Installation.objects.get_or_create(pk=Installation.ROW)[0]
    entries = LogEntry.objects.select_related("actor")[:NEWEST]
    context = {"row": row, "entries": entries, "mail": _mail(row), "tab": "settings"}
    return render(request, "operations/settings.html", context)


def _mail(row: Installation) -> dict[str, Any]:
    """By which server mail leaves, and when a test mail last left."""
    host, sender = row.mail_host, row.mail_from
    if is_said_by_environment():
        host, sender = settings.EMAIL_HOST, settings.DEFAULT_FROM_EMAIL
    tested = LogEntry.objects.filter(act=LogEntry.Act.MAIL_TEST).values_list("at", flat=True).first()
    return {"host": host, "sender": sender, "tested_at": tested, "can_send": can_send(), "switch": open_switch()}


@never_cache
@operator_page
@asked_again
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, act: str) -> HttpResponse:
    """One decision. Before it the person is asked once more; what they typed survives that."""
    page, row = CHANGES[act], Installation.objects.get_or_create(pk=Installation.ROW)[0]
    form = page.form.of(row, request.POST if request.method == "POST" else None)
    if form.is_valid():
        is_changed = _change(cast(User, request.user), act, form)
        messages.success(request, _("Saved.") if is_changed else _("Nothing was changed."))
        return redirect("operations_settings")
    context = {"form": form, "page": page, "title": LogEntry.Act(act).label, "tab": "settings"}
    return render(request, "operations/change.html", context, status=422 if form.errors else 200)


def _change(actor: User, act: str, form: SettingsForm) -> bool:
    is_private = bool(form.cleaned_data["is_private"]) if act == LogEntry.Act.IMPRINT else None
    return change_settings(actor=actor, act=act, values=form.values, is_private=is_private)
