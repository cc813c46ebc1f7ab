"""What stands in the rooms afterwards, read as people read it: page by page over HTTP."""

import http.client
import re
from collections.abc import Sequence

from bench.house import Program
from bench.load import MARK, Load, Person

SEQUENCE = re.compile(rb'data-sequence="(\d+)"')


def stored_numbers(program: Program, people: Sequence[Person], load: Load) -> list[int]:
    """The numbers of all messages, as often as they stand there; the limit's from its table."""
    if "bench.limit" in program.process.args:  # type: ignore[operator]
        return list(load.acknowledged)
    numbers: list[int] = []
    for reader in {person.room: person for person in people}.values():
        numbers += _read(program.port, reader)
    return [number for number in numbers if number in load.sent]


def _read(port: int, reader: Person) -> list[int]:
    connection = http.client.HTTPConnection("localhost", port, timeout=60)
    numbers: list[int] = []
    before = 2**40
    while True:
        address = f"/c/{reader.slug}/rooms/{reader.room}/messages/?before={before}"
        connection.request(
            "GET", address, headers={"Cookie": f"__Host-session={reader.session}", "Accept": "application/json"}
        )
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{address}: {answer.status}")
        numbers += [int(number) for number in MARK.findall(text)]
        sequences = [int(number) for number in SEQUENCE.findall(text)]
        if answer.headers["X-Has-Older"] != "yes" or not sequences:
            return numbers
        before = min(sequences)
