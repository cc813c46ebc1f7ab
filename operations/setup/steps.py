"""The steps in their order, and how far the set-up has come."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.models import Installation
from operations.setup.actions import founder_in
from operations.setup.doors import operator_of

#: Shape: step → its title and what it is about. Mail is a page of the first step.
TITLES: dict[str, tuple[Promise, Promise]] = {
    "server": (_("This server"), _("name, language and mail")),
    "account": (_("You"), _("your account, and what protects it")),
    "group": (_("Your group"), _("name, colour, how many seats")),
    "rules": (_("What you agree on"), _("three rules to begin with")),
    "invitations": (_("First invitations"), _("begin with two or three people")),
    "keys": (_("Keys on paper"), _("for the day the server breaks")),
}
_ORDER = ("server", "mail", "account", "group", "rules", "invitations", "keys")


@dataclass(frozen=True, slots=True)
class Bead:
    """One step beside the form: where it leads, and whether it is done or the present one."""

    step: str
    number: int
    title: Promise
    about: Promise
    is_done: bool
    is_now: bool


def is_step(step: str) -> bool:
    return step in _ORDER


def next_step(request: HttpRequest, row: Installation) -> str:
    """The first one that is missing."""
    done = _done(request, row)
    return next((step for step in _ORDER if not done.get(step)), "keys")


def rail(request: HttpRequest, row: Installation, now: str) -> list[Bead]:
    done = _done(request, row)
    done["server"] = done["server"] and done["mail"]
    now = "server" if now == "mail" else now
    return [
        Bead(step, number, title, about, done.get(step, False) and step != now, step == now)
        for number, (step, (title, about)) in enumerate(TITLES.items(), start=1)
    ]


def page(
    request: HttpRequest, row: Installation, step: str, context: dict[str, Any], is_wrong: bool = False
) -> HttpResponse:
    """The page of a step, with what was typed where something of it is wrong."""
    form = context.get("form")
    is_wrong = is_wrong or bool(form is not None and form.errors)
    drawn = {"step": step, "rail": rail(request, row, step), **context}
    return render(request, f"operations/setup/{step}.html", drawn, status=422 if is_wrong else 200)


def _done(request: HttpRequest, row: Installation) -> dict[str, bool]:
    operator = operator_of(row)
    is_here = operator is not None and request.user.pk == operator.pk
    founder = founder_in(row, operator) if operator else None
    return {
        "server": bool(row.setup.get("server")),
        "mail": "mail" in row.setup,
        "account": is_here,
        "group": founder is not None,
        "rules": founder is not None and founder.community.rules.exists(),
        "invitations": founder is not None and founder.community.invitations.exists(),
    }
