"""Forms on pages whose address is a secret."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.decorators import decorator_from_middleware
from django.views.decorators.csrf import csrf_exempt

P = ParamSpec("P")
View = TypeVar("View", bound=Callable[..., Any])


_form_check = CsrfViewMiddleware(lambda request: HttpResponse())


class _NullOrigin(CsrfViewMiddleware):
    """Under `Referrer-Policy: no-referrer` browsers send `Origin: null` with a page's own forms.

    The token in the form and its cookie (`__Host-` in production, so no neighbour can set it) still have to match.
    """

    def _origin_verified(self, request: HttpRequest) -> bool:
        return request.META.get("HTTP_ORIGIN") == "null" or super()._origin_verified(request)  # type: ignore[misc]


def is_own_origin(request: HttpRequest) -> bool:
    """Whether a page of this site asks, by the rule for forms: its own scheme, host and port, or a trusted origin."""
    return "HTTP_ORIGIN" in request.META and _form_check._origin_verified(request)  # type: ignore[attr-defined]


def allow_null_origin(view: View) -> View:
    """For views whose form also stands on a page with `no-referrer`; the token is checked as everywhere."""
    # Exempt from the site's own check only; the one inside asks for the token.
    return cast(View, csrf_exempt(decorator_from_middleware(_NullOrigin)(view)))


def without_referrer(view: Callable[Concatenate[HttpRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """For pages whose address is a secret: no site that is opened from them learns it."""

    @allow_null_origin
    @wraps(view)
    def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Referrer-Policy"] = "no-referrer"
        return response

    return answer
