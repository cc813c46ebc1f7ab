"""`/healthz` and `/readyz`: for container engines, proxies and whoever watches the place.

Neither asks by which host name it was reached, nor for HTTPS, so that a container may ask itself; neither puts
anything of the request into its answer, begins a session or sets a cookie. Reasons: docs/decisions/0016-health.md.
"""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.sessions import SessionStore
from operations.health import Part, look


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """This process takes requests. It waits for nothing and nobody, so it says nothing of what else is down."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether everything does its work: 200 or 503. Which part does not is told to the operator only."""
    parts = look()
    is_ready = all(part.is_well for part in parts)
    told: dict[str, Any] = {"ready": is_ready}
    if _has_token(request) or _is_operator(request, parts):
        told["parts"] = {part.name: _told(part) for part in parts}
    return JsonResponse(told, status=200 if is_ready else 503)


def _told(part: Part) -> dict[str, Any]:
    problem = {} if part.is_well else {"problem": part.problem}
    return {"ok": part.is_well, **problem, "milliseconds": part.milliseconds, **part.figures}


def _has_token(request: HttpRequest) -> bool:
    """From the machine that watches: `Authorization: Bearer …` with `KREIS_HEALTH_TOKEN`."""
    way, _blank, said = request.headers.get("Authorization", "").partition(" ")
    wanted = settings.HEALTH_TOKEN
    return bool(wanted) and way.lower() == "bearer" and secrets.compare_digest(said.encode(), wanted.encode())


def _is_operator(request: HttpRequest, parts: list[Part]) -> bool:
    """By the session of the browser, which is read and nothing else; while the database is down nobody knows."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if not key or not all(part.is_well for part in parts if part.name == "database"):
        return False
    request.session = SessionStore(key)
    try:
        person = get_user(request)
    except DatabaseError:
        return False
    return isinstance(person, User) and person.is_operator
