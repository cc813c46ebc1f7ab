"""What docs/operations.md says of limits is what the code does."""

import re
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from core.throttle import LIMITS, Limit, Rates

SCOPES = ("account", "account_in_network", "familiar", "address", "network")
ROW = re.compile(r"^\| `(\w+)`: [^|]+ \| (.+) \|$", re.MULTILINE)
UNITS = {
    timedelta(minutes=1): "a minute",
    timedelta(hours=1): "an hour",
    timedelta(days=1): "a day",
    timedelta(seconds=10): "in 10 s",
    timedelta(minutes=5): "in 5 min",
    timedelta(minutes=10): "in 10 min",
}


def words(rates: Rates) -> str:
    return ", ".join(f"{rate.times} {UNITS[rate.window]}" for rate in rates) or "–"


def cells(limit: Limit) -> list[str]:
    return [words(getattr(limit, scope)) for scope in SCOPES]


def test_the_table_of_limits_is_the_one_of_the_code() -> None:
    text = (Path(settings.BASE_DIR) / "docs" / "operations.md").read_text()
    table = {name: row.split(" | ") for name, row in ROW.findall(text.partition("### Doors")[2].partition("\n### ")[0])}
    assert list(table) == list(LIMITS)
    for name, limit in LIMITS.items():
        assert table[name] == cells(limit), name


def test_every_account_has_a_way_in_that_no_stranger_can_close() -> None:
    """What is counted for an account from everywhere together has a share for browsers that know it."""
    signed_in = {"reauthenticate", "change_password", "change_address", "join"}
    for name, limit in LIMITS.items():
        if limit.account and name not in signed_in:
            assert limit.familiar, name
            assert limit.account_in_network, name
            shares = {rate.window: rate.times for rate in limit.account_in_network}
            assert all(shares[rate.window] < rate.times for rate in limit.account), f"{name}: one network spends all"
