"""What travels to sockets and between processes, and how it is bundled."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from realtime.hub import Subscriber

#: A page acknowledges what it received; a bundle stays far below what may be unacknowledged.
MOST_BUNDLE_CHARACTERS = 64 * 1024
#: The number of what concerns everybody on a stream: nobody's history begins later.
FOR_ALL = 2**62


@dataclass(frozen=True, slots=True)
class Envelope:
    """One piece of news on its way to sockets."""

    stream: str
    #: Frame text per language; "" serves every language.
    frames: dict[str, str]
    #: The message's number: connections whose history starts later do not get it.
    sequence: int = 0
    #: Not for connections that also have this stream (they get the full text there).
    unless: str = ""

    def text(self, language: str) -> str:
        return self.frames.get(language) or self.frames.get("", "")


@dataclass(frozen=True, slots=True)
class Revocation:
    """The account's sockets have to ask again whether they may stay; those of an ended session end at once."""

    user_id: str
    #: Hash of the session that ends; "" where only rights changed.
    session: str = ""


News = Envelope | Revocation


class Bundle:
    """Numbered news of one stream that go out in one frame: a list of frames, made once per language."""

    def __init__(self, envelopes: list[Envelope]) -> None:
        self._envelopes = envelopes
        self.stream, self.unless = envelopes[0].stream, envelopes[0].unless
        # Not the first one's: an old message may be changed in the same breath as a new one is written.
        self._lowest = min(one.sequence for one in envelopes)
        #: The newest number in it; 0 where none counts.
        self.highest = max((one.sequence for one in envelopes if one.sequence != FOR_ALL), default=0)
        self._whole: dict[str, str] = {}

    def text_for(self, subscriber: "Subscriber") -> str:
        """The frame for one of the stream's sockets; "" where there is nothing for it."""
        if self.unless in subscriber.streams:
            return ""
        return self.text(subscriber.language, subscriber.streams.get(self.stream, 0))

    def text(self, language: str, first_sequence: int) -> str:
        """The frame for a socket that may see numbers from the first on; "" where there is nothing for it."""
        if first_sequence > self._lowest:
            return _joined(one.text(language) for one in self._envelopes if one.sequence >= first_sequence)
        if language not in self._whole:
            self._whole[language] = _joined(one.text(language) for one in self._envelopes)
        return self._whole[language]


def bundled(news: Iterable[News]) -> Iterator[Bundle | Revocation]:
    """Numbered news by stream, each stream's in its order; anything else stays where it stands between them."""
    waiting: dict[tuple[str, str], list[Envelope]] = {}
    length = 0
    for item in news:
        if isinstance(item, Envelope) and item.sequence and length < MOST_BUNDLE_CHARACTERS:
            waiting.setdefault((item.stream, item.unless), []).append(item)
            length += max(map(len, item.frames.values()), default=0)
            continue
        yield from map(Bundle, waiting.values())
        waiting, length = {}, 0
        yield item if isinstance(item, Revocation) else Bundle([item])
    yield from map(Bundle, waiting.values())


def _joined(texts: Iterable[str]) -> str:
    frames = list(dict.fromkeys(filter(None, texts)))  # a room's news again say nothing more
    return frames[0] if len(frames) == 1 else f"[{','.join(frames)}]" if frames else ""


def pack(news: Iterable[News], origin: str) -> dict[str, str]:
    """Shape: one message of the channel layer for a batch of news."""
    items = [[type(item).__name__, asdict(item)] for item in news]
    return {"type": "news", "origin": origin, "items": json.dumps(items)}


def unpack(message: dict[str, str]) -> list[News]:
    kinds = {kind.__name__: kind for kind in (Envelope, Revocation)}
    return [kinds[kind](**values) for kind, values in json.loads(message.get("items", "[]"))]
