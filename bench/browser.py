"""The front end of real pages: weight, first paint, what moves, Lighthouse, and the HTML of every kind of page."""

import json

from bench import lighthouse, nu, paint, tools, weight
from bench.chrome import View
from bench.house import House
from bench.table import Row
from bench.walk import Scene
from operations import chromium
from operations.embedded.failure import StartError


def measure(place: House) -> list[Row]:
    """Parts whose programs cannot be had are left out, after a sentence that says so."""
    web = place.start_web()
    scene = Scene(port=web.port, **json.loads(place.manage("-m", "bench.scene")))
    rows = weight.measure(place, web)
    program, modules, views = _chromium(), tools.installed(), views_of(scene)
    if program:
        rows += paint.measure(program, views)
    if program and modules:
        rows += lighthouse.measure(modules, program, views)
    if modules:
        # At last, because it changes what is there.
        rows += nu.measure(modules, place, scene)
    return rows


def views_of(scene: Scene) -> list[View]:
    """The pages that most people see first, or most. Two people: where one was in the room, Today has no more news."""
    at, sessions = scene.addresses, scene.sessions
    return [
        View("sign-in", scene.port, at["account_login"]),
        View("invitation", scene.port, at["invitation"]),
        View("Today", scene.port, at["community"], sessions["owner"]),
        View("room", scene.port, at["room"], sessions["member"]),
    ]


def _chromium() -> str:
    try:
        return chromium.find_or_install()["KREIS_HEADLESS_SHELL"]
    except StartError as error:
        print(f"browser: paint, shifts and Lighthouse are left out: {error}")
        return ""
