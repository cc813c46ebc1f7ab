"""What goes out together reaches each socket as far as it may see, and in its order."""

import json
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from realtime.news import FOR_ALL, Bundle, Envelope, News, Revocation, bundled


@dataclass
class Reader:
    """What a bundle asks of a socket."""

    streams: dict[str, int]
    language: str = "en"
    signs: dict[str, object] = field(default_factory=dict)


def numbers(text: str) -> list[int]:
    frames = json.loads(text) if text else []
    return [frame["n"] for frame in (frames if isinstance(frames, list) else [frames])]


def envelope(sequence: int, stream: str = "room:1", unless: str = "") -> Envelope:
    frame = json.dumps({"n": sequence})
    return Envelope(stream, {"de": frame, "en": frame}, sequence, unless)


@given(st.lists(st.integers(1, 30) | st.just(FOR_ALL), min_size=1), st.integers(0, 31))
def test_nobody_hears_what_is_older_than_their_history(sent: list[int], first: int) -> None:
    """In whatever order: an old message may be changed in the same breath as a new one is written."""
    [bundle] = bundled(map(envelope, sent))
    assert isinstance(bundle, Bundle)
    heard = numbers(bundle.text_for(Reader({"room:1": first})))  # type: ignore[arg-type]
    assert heard == list(dict.fromkeys(number for number in sent if number >= first))


def test_each_part_of_a_bundle_keeps_whom_it_is_not_for() -> None:
    sent = [envelope(1, "news:1", "room:1"), envelope(2, "news:1"), envelope(3, "news:1", "room:1")]
    inside, outside = Reader({"news:1": 0, "room:1": 0}), Reader({"news:1": 0})
    bundles = [one for one in bundled(sent) if isinstance(one, Bundle)]
    assert [number for one in bundles for number in numbers(one.text_for(inside))] == [2]  # type: ignore[arg-type]
    assert sorted(number for one in bundles for number in numbers(one.text_for(outside))) == [1, 2, 3]  # type: ignore[arg-type]


def test_what_ends_a_right_stands_between_what_came_before_and_after() -> None:
    sent: list[News] = [envelope(1), envelope(2), Revocation("someone"), envelope(3)]
    found = list(bundled(sent))
    assert [type(one) for one in found] == [Bundle, Revocation, Bundle]
