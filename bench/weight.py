"""What scripts and style sheets weigh on the way, compressed as they are served."""

import http.client
import json
from collections.abc import Iterable
from pathlib import Path

from bench.house import ROOT, House, Program
from bench.table import Row

BUNDLE = "css/kreis.css"


def measure(place: House, web: Program) -> list[Row]:
    scripts = sorted(f"js/{path.relative_to(ROOT / 'static' / 'js')}" for path in (ROOT / "static/js").rglob("*.js"))
    served = json.loads((Path(place.folder) / "static" / "staticfiles.json").read_text())["paths"]
    weights = {name: _weight(web, f"/static/{served[name]}") for name in (*scripts, BUNDLE)}
    sheet = weights.pop(BUNDLE)
    heaviest = sorted(weights, key=lambda name: -weights[name])[:5]
    print(f"weight: {len(scripts)} scripts, heaviest {_named(weights, heaviest)}", flush=True)
    return [
        Row("JavaScript, compressed, in all", sum(weights.values()) / 1000, 40, 30, "kB"),
        Row("CSS, compressed", sheet / 1000, 30, 20, "kB"),
    ]


def _weight(web: Program, address: str) -> int:
    """Units: bytes of the body, as a browser that takes brotli gets it."""
    connection = http.client.HTTPConnection("localhost", web.port, timeout=60)
    try:
        connection.request("GET", address, headers={"Accept-Encoding": "gzip, deflate, br"})
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise SystemExit(f"{address}: {answer.status}")
    return len(body)


def _named(weights: dict[str, int], names: Iterable[str]) -> str:
    return ", ".join(f"{name} {weights[name]} B" for name in names)
