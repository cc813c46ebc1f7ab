"""Who may set the place up: whoever sits at the machine, or has the token that stands in the output of the start."""

import ipaddress
from collections.abc import Callable
from functools import wraps
from hmac import compare_digest
from typing import Any, Concatenate
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from core.installation import installation
from core.keys import keyed_hash, new_token
from core.models import Installation
from operations.checks import is_local

IN_SESSION = "setup_token"
#: What only something between us and the browser writes: then nobody knows from where it comes.
_FROM_A_PROXY = ("Forwarded", "Via", "X-Real-Ip", "Client-Ip", "True-Client-Ip", "Cf-Connecting-Ip")

SetupView = Callable[Concatenate[HttpRequest, Installation, ...], HttpResponse]


def setup_page(view: SetupView) -> Callable[..., HttpResponse]:
    """For whoever may set the place up; from then on there is no such page, for anybody, for ever.

    The view gets the row as it is now.
    """

    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        row = unfinished()
        if not may_set_up(request, row):
            return locked(request)
        page = view(request, row, *args, **kwargs)
        # The token, while it stands in an address, goes nowhere from here.
        page["Referrer-Policy"] = "same-origin"
        return page

    return answer


def unfinished() -> Installation:
    """The row as it is now. Raises: Http404 once the place has been set up."""
    if installation().set_up_at is None:
        row, _is_new = Installation.objects.get_or_create(pk=Installation.ROW)
        if row.set_up_at is None:
            return row
    raise Http404


def locked(request: HttpRequest, is_wrong: bool = False) -> HttpResponse:
    """Where to find the token, and nothing else."""
    return render(request, "operations/setup/locked.html", {"is_wrong": is_wrong}, status=403)


def may_set_up(request: HttpRequest, row: Installation) -> bool:
    given = str(request.session.get(IN_SESSION, ""))
    return is_at_the_machine(request) or is_token(row, given)


def is_at_the_machine(request: HttpRequest) -> bool:
    """Asked for by a name of this machine, from this machine, and through nobody.

    The name alone could be anybody's who reaches us, the address alone that of a proxy here, which forwards everybody.
    """
    if settings.TRUSTED_PROXIES or any(name in request.headers for name in _FROM_A_PROXY):
        return False
    if any(name.lower().startswith("x-forwarded") for name in request.headers):
        return False
    host = urlsplit(f"//{request.get_host()}").hostname or ""
    try:
        return is_local(host) and ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False  # a unix socket: something stands before us


def setup_token() -> str:
    """The same from every process, for as long as the place waits to be set up.

    Drawn from the server's key and a number in the row: neither the database nor an older installation's token gives
    it away. Shape: 40 hexadecimal digits; "" once the place has been set up.
    """
    with transaction.atomic():
        Installation.objects.get_or_create(pk=Installation.ROW)
        row = Installation.objects.select_for_update().get(pk=Installation.ROW)
        if row.set_up_at is not None:
            return ""
        if not row.setup.get("nonce"):
            row.setup = {**row.setup, "nonce": new_token()}
            row.save(update_fields=["setup"])
    return _token(row)


def setup_link(base: str = "") -> str:
    """The address at which setting up begins; "" once that is done."""
    token = setup_token()
    return f"{(base or settings.BASE_URL).rstrip('/')}{reverse('setup')}?token={token}" if token else ""


def is_token(row: Installation, given: str) -> bool:
    return bool(row.setup.get("nonce")) and compare_digest(given.encode(), _token(row).encode())


def _token(row: Installation) -> str:
    return keyed_hash("setup-token", row.setup["nonce"])[:40]


def operator_of(row: Installation) -> User | None:
    """The account made in the set-up, where it was and is still there."""
    found: User | None = User.objects.filter(pk=row.setup.get("operator"), is_active=True, is_operator=True).first()
    return found


def for_the_operator(view: Callable[Concatenate[HttpRequest, Installation, User, ...], HttpResponse]) -> SetupView:
    """The steps after the account: for the browser that is signed in with it. Others begin at the account."""

    @wraps(view)
    def answer(request: HttpRequest, row: Installation, *args: Any, **kwargs: Any) -> HttpResponse:
        operator = operator_of(row)
        if operator is None or request.user.pk != operator.pk:
            return redirect("setup_step", "account")
        return view(request, row, operator, *args, **kwargs)

    return answer
