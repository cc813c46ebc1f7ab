"""What docs/operations.md says of limits is what the code does."""

import re
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from communities.profile_pages import MOST_PICTURES, PICTURES_SECONDS
from core import bodies, pictures
from core.throttle import LIMITS, Limit, Rates
from realtime import bodies as coming
from realtime import consumers, door, wire

SCOPES = ("account", "account_in_network", "familiar", "address", "network", "code")
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


KIB, MIB = 1024, 1024 * 1024
#: Row → what stands in its second column, where the code has a name for it.
ROWS = {
    "opened by one session": f"{door.MOST_OPENED} in {door.OPENED_SECONDS} s",
    "tries with made-up or ended sessions, of one IPv4 address or IPv6 /64": (
        f"{door.MOST_STRANGERS} in {door.STRANGERS_SECONDS} s"
    ),
    "a frame from a page, in one piece or many": (
        f"{consumers.MOST_FRAME_BYTES // KIB} KiB, {wire.MOST_FRAGMENTS} pieces"
    ),
    "frames of one person": f"{consumers.MOST_FRAMES} in {consumers.FRAMES_SECONDS} s",
    "frames of any kind on one socket, pings too": f"{wire.BURST} at once, then {wire.FRAMES_PER_SECOND} a second",
    "frames of one socket that wait": f"{wire.MOST_WAITING}",
    "sent and not taken by the network": f"{wire.MOST_UNREAD_BYTES / MIB:g} MiB",
    "a socket on which nothing is said; it is asked after 40 s, and a browser answers by itself": (
        f"{wire.SILENT_SECONDS} s"
    ),
    "the first line and all headers": f"{wire.PunctualChannel.totalHeadersSize // KIB} KiB, "
    f"{wire.PunctualChannel.maxHeaders} lines, {wire.HEADER_SECONDS} s",
    "the body of a request, by its stated length or as it comes": f"{bodies.MOST_BODY_BYTES / MIB:g} MiB; "
    f"on the page with one's picture {bodies.most_body_bytes('/c/x/me/') // MIB} MiB",
    "the text of a form in it": f"{settings.DATA_UPLOAD_MAX_MEMORY_SIZE // MIB} MiB, "
    f"{settings.DATA_UPLOAD_MAX_NUMBER_FIELDS} fields",
    "how long a body may take": f"{coming.BODY_SECONDS} s, and longer while at least "
    f"{coming.SLOWEST_BYTES_PER_SECOND // KIB} KiB a second come",
    "pictures of one member": f"{MOST_PICTURES} in {PICTURES_SECONDS // 60} minutes, one at a time",
}


def test_the_other_tables_say_what_the_code_does() -> None:
    text = (Path(settings.BASE_DIR) / "docs" / "operations.md").read_text().partition("## Limits")[2]
    rows = dict(re.findall(r"^\| ([^|`]+) \| ([^|]+) \|", text, re.MULTILINE))
    assert {name: rows.get(name) for name in ROWS} == ROWS
    assert bodies.most_body_bytes("/c/x/me/") > pictures.LARGEST


def test_every_account_has_a_way_in_that_no_stranger_can_close() -> None:
    """What is counted for an account from everywhere together has a share for browsers that know it."""
    signed_in = {"reauthenticate", "change_password", "change_address", "join", "test_mail"}
    signed_in |= {"change_factor", "new_device_letter"}
    for name, limit in LIMITS.items():
        if limit.account and name not in signed_in:
            assert limit.familiar, name
            assert limit.account_in_network, name
            shares = {rate.window: rate.times for rate in limit.account_in_network}
            assert all(shares[rate.window] < rate.times for rate in limit.account), f"{name}: one network spends all"
