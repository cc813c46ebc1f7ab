"""Imprint, privacy text and terms, for everybody, signed in or not."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from core.installation import installation
from operations.legal import KINDS, written
from operations.legal import render as rendered
from operations.models import LogEntry


@require_safe
def legal(request: HttpRequest, kind: str) -> HttpResponse:
    """One of the texts in the page's language, else in the other one. What nobody has written is not there."""
    row = installation()
    kinds = written(row)
    if kind not in kinds:
        raise Http404
    text = row.text(kind)
    context = {
        "kind": kind,
        "title": KINDS[kind],
        "pages": [(other, KINDS[other]) for other in kinds] if len(kinds) > 1 else [],
        "text": rendered(text),
        "text_language": _language(row, kind, text),
        "contact": row.contact.strip() if kind == "imprint" else "",
        "private_since": row.private_since if kind == "imprint" else None,
        "changed_at": LogEntry.objects.filter(act=kind).values_list("at", flat=True).first(),
    }
    return render(request, "operations/legal.html", context)


def _language(row: object, kind: str, text: str) -> str:
    """In which language the text is, where it is not the page's: it is read aloud in its own."""
    mine = (get_language() or "").partition("-")[0]
    return "" if getattr(row, f"{kind}_{mine}", "").strip() == text else {"de": "en"}.get(mine, "de")
