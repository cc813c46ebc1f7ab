"""The pages of these tests wait as long as the scripts of real ones: else they would prove what nobody has."""

import re
from pathlib import Path

import pytest

from realtime import bus, sweep, wire
from tests.faults import asking, live, page
from tests.faults.conversation import HEALED_WITHIN

SCRIPTS = Path(__file__).resolve().parents[2] / "static" / "js"
NUMBER = r"(\d+)"


@pytest.mark.parametrize(
    ("script", "line", "numbers"),
    [
        ("backoff.js", f"[FIRST, LONGEST] = [{NUMBER}, {NUMBER}]", [1000 * live.FIRST_WAIT, 1000 * live.LONGEST_WAIT]),
        ("backoff.js", f"ASKED_TO_STAY_AWAY = {NUMBER};", [1000 * live.ASKED_TO_STAY_AWAY]),
        ("backoff.js", f"wait * {NUMBER}, LONGEST", [2]),
        ("live.js", f"PING_AFTER = {NUMBER};", [1000 * live.PING_AFTER]),
        (
            "live.js",
            f"[ANSWER_WITHIN, LET_IN_WITHIN] = [{NUMBER}, {NUMBER}]",
            [1000 * live.ANSWER_WITHIN, 1000 * live.LET_IN_WITHIN],
        ),
        ("live.js", f"setInterval(() => live.tick(), {NUMBER})", [1000 * live.LIVE_TICK]),
        ("live.js", f"RELOAD_ON = new Set([{NUMBER}, {NUMBER}])", sorted(live.RELOAD_ON)),
        ("live.js", f"TOO_MANY = {NUMBER};", [live.TOO_MANY]),
        ("receipts.js", f"MOST_UNACKNOWLEDGED = {NUMBER} * {NUMBER};", [live.MOST_UNACKNOWLEDGED // 1024, 1024]),
        ("changes.js", f"EVERY = {NUMBER};", [1000 * page.EVERY]),
        ("changes.js", f"EVERY_WITHOUT_ANSWER = {NUMBER};", [1000 * page.EVERY_WITHOUT_ANSWER]),
        ("changes.js", f"SPREAD = {NUMBER};", [1000 * page.SPREAD]),
        ("changes.js", f"HOLE_MAY_LAST = {NUMBER};", [1000 * page.HOLE_MAY_LAST]),
        ("changes.js", f"setInterval(() => this.#tick(), {NUMBER})", [1000 * page.CHANGES_TICK]),
        ("delivery.js", f"Math.min({NUMBER} * 2 ** attempt, LONGEST_PAUSE)", [1000 * page.FIRST_PAUSE]),
        ("delivery.js", f"LONGEST_PAUSE = {NUMBER};", [1000 * page.LONGEST_PAUSE]),
        ("ask.js", f"within = {NUMBER},", [1000 * asking.WITHIN]),
    ],
)
def test_the_scripts_wait_as_long(script: str, line: str, numbers: list[float]) -> None:
    pattern = re.escape(line).replace(re.escape(NUMBER), NUMBER)
    found = re.search(pattern, (SCRIPTS / script).read_text())
    assert found, f"{script} no longer says {line}: what it does now, live.py and page.py must do too"
    assert [int(number) for number in found.groups()] == numbers


def test_a_pong_is_the_same_on_both_sides() -> None:
    assert f"const PONG = '{live.PONG}';" in (SCRIPTS / "receipts.js").read_text()


def test_a_page_comes_back_in_time_however_long_it_had_to_wait() -> None:
    longest = live.LONGEST_WAIT * 1.25
    assert longest + 3 <= HEALED_WITHIN, "no time is left for the socket and for what was missed"


def test_a_quiet_page_is_asked_before_it_would_ask() -> None:
    daphnes_own_pause = 2
    assert wire.QUIET_SECONDS + wire.LOOKS_PAUSE_SECONDS + daphnes_own_pause < live.PING_AFTER
    assert live.PING_AFTER + live.LIVE_TICK < 60, "proxies hang up"


def test_where_nobody_can_tell_rights_are_asked_for_in_time() -> None:
    """An ended right cuts within 10 s also with the bus down: it has to be noticed first, and the answer comes last."""
    assert bus.SILENT_AFTER_SECONDS + sweep.ASK_AGAIN_SECONDS_WITHOUT_BUS < 10
