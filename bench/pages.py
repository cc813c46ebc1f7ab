"""What pages cost: CPU of web process and database per request, against an empty page for whoever is signed in."""

import gzip
import http.client
import json
import time
from dataclasses import dataclass

from bench.house import House, Program
from bench.table import Row

ROUNDS = 6
REQUESTS = 100


@dataclass
class Visitor:
    """One person on one connection, kept open."""

    program: Program
    who: dict[str, str]

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("localhost", self.program.port, timeout=60)
        self.headers = {"Cookie": f"__Host-session={self.who['session']}; __Host-csrf={'x' * 32}"}
        self.headers["Accept-Encoding"] = "gzip, deflate, br"

    @property
    def room(self) -> str:
        return f"/c/{self.who['slug']}/rooms/{self.who['room']}/"

    def get(self, address: str) -> float:
        return self._ask("GET", address, None, {})[0]

    def read(self, address: str) -> bytes:
        return self._ask("GET", address, None, {})[1]

    def post(self, address: str, fields: str) -> float:
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        return self._ask("POST", address, f"csrfmiddlewaretoken={'x' * 32}&{fields}", kind)[0]

    def _ask(self, method: str, address: str, body: str | None, headers: dict[str, str]) -> tuple[float, bytes]:
        """Units: milliseconds until the whole answer was there."""
        began = time.perf_counter()
        self.connection.request(method, address, body, {**self.headers, **headers})
        answer = self.connection.getresponse()
        content = answer.read()
        took = (time.perf_counter() - began) * 1000
        if answer.headers.get("Content-Encoding") == "gzip":
            content = gzip.decompress(content)
        if answer.status != 200:
            raise SystemExit(f"{address}: {answer.status}")
        return took, content


def measure(place: House) -> list[Row]:
    web = place.start_web()
    people = json.loads(place.manage("-m", "bench.people", "pages", "1", "1", "30"))
    place.manage("-m", "bench.filling", people[0]["room"], "200")
    visitor = Visitor(web, people[0])
    if (shown := visitor.read(visitor.room).count(b'<article class="msg"')) < 50:
        raise SystemExit(f"The room page shows {shown} messages.")
    costs: dict[str, list[float]] = {"/bench/empty/": [], visitor.room: []}
    for address in costs:
        for _ in range(50):
            visitor.get(address)
    for _ in range(ROUNDS):
        for address, found in costs.items():
            before = place.cpu_of(web)
            for _ in range(REQUESTS):
                visitor.get(address)
            found.append((place.cpu_of(web) - before) / REQUESTS * 1000)
    empty, room = (sorted(found)[len(found) // 2] for found in costs.values())
    print(f"pages: empty {empty:.2f} ms CPU, room {room:.2f} ms CPU")
    return [Row("room page with 50 messages: CPU of an empty page", room / empty, 4, 2.5)]
