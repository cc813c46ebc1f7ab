"""Pages that exist only in demo mode: outgoing mail, and signing in by one click."""

import nh3
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import outbox
from operations.demo import links


@require_safe
@never_cache
def mails(request: HttpRequest) -> HttpResponse:
    return render(request, "operations/demo/mails.html", {"mails": outbox.newest_first()})


@require_safe
@never_cache
def mail(request: HttpRequest, mail_id: str) -> HttpResponse:
    found = outbox.find(mail_id)
    if found is None:
        raise Http404
    return render(request, "operations/demo/mail.html", {"mail": found, "page": _without_frame(found.html)})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def sign_in(request: HttpRequest, signed: str) -> HttpResponse:
    """A link of the start-up output. Opening it changes nothing; the one button on it signs in."""
    found = links.person_of(signed)
    if found is None:
        return render(request, "operations/demo/sign_in.html", {"name": None}, status=404)
    person, name = found
    if request.method == "POST":
        login(request, person, backend="accounts.backends.AddressBackend")
        return redirect("home")
    return render(request, "operations/demo/sign_in.html", {"name": name})


def _without_frame(html: str) -> str:
    """What a mail says, without its own style element, which the policy of this site would refuse."""
    content = html.partition("<!-- content -->")[2].partition("<!-- /content -->")[0]
    cleaned = nh3.clean(
        content,
        tags={"h1", "h2", "p", "b", "strong", "em", "a", "br", "ul", "li"},
        attributes={"a": {"href"}, "p": {"class"}},
        url_schemes={"http", "https"},
        link_rel="noreferrer",
    )
    return mark_safe(cleaned.replace("<h1>", "<h2>").replace("</h1>", "</h2>"))  # noqa: S308  # nosec  # by nh3
