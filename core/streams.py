"""Duty: an app says which live streams it has, who may subscribe, and what a socket may ask of it.

The socket itself knows no community and no room: it carries what is declared here.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Sign:
    """Something fleeting that a page may give of its person, such as "is writing".

    Allowed and put into words when the page subscribes, so that giving it asks no database, and so that a page can
    give nothing else. Asked again with the subscription: what is no longer in the answer is no longer sent.
    """

    stream: str
    frame: str
    #: Not for connections that also have this stream: the person's own.
    unless: str = ""


@dataclass(frozen=True, slots=True)
class Here:
    """A place where people may be seen to be, and this page's part in it."""

    place: str
    #: Whether the page learns who is here; it then also has `here_stream(place)` among its streams.
    is_watching: bool = False
    #: The id under which its person is shown; "" where they are not: then nothing about them is kept.
    person: str = ""
    #: What others see of them.
    card: Mapping[str, str | int] = field(default_factory=dict)


def here_stream(place: str) -> str:
    return f"here:{place}"


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a person gets when a stream lets them in."""

    #: Streams of the hub, each with the first sequence number this person may see.
    streams: Mapping[str, int]
    #: Makes the answer to the subscribing frame. Called once the socket hears the streams: what happens between
    #: asking and hearing would otherwise be in neither.
    answer: Callable[[], Mapping[str, Any]] = dict
    #: What the page may give signs of, by the names that it gives them under; "here" is a `Here`.
    signs: Mapping[str, Sign | Here] = field(default_factory=dict)


class Refused(Exception):
    """A frame is refused; the reason is a translated sentence for the person, and the socket stays open."""


#: (account id, frame) → subscription, or None where the person may not know of it.
Subscribe = Callable[[Any, Mapping[str, Any]], Subscription | None]
#: (account id, frame) → the answer to the sender.
Handle = Callable[[Any, Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One frame of one person, as one of a batch."""

    user_id: str
    frame: Mapping[str, Any]
    #: The person's language: reasons are written in it.
    language: str


#: The frames of many people at once → one answer each, a refusal where there is none.
HandleBatch = Callable[[Sequence[Asked]], Sequence[Mapping[str, Any] | Refused]]

subscriptions: dict[str, Subscribe] = {}
handlers: dict[str, Handle] = {}
batch_handlers: dict[str, HandleBatch] = {}

#: Account ids → for each a text that is another one as soon as anything changed on which their streams rest.
Standing = Callable[[Collection[str]], Mapping[str, str]]

standings: list[Standing] = []


@dataclass(frozen=True, slots=True)
class Far:
    """How far a stream is."""

    number: int
    #: What its pages are told; "" where they are told again what they heard when they subscribed, if nobody told them
    #: of this number.
    frame: str = ""


#: Names of streams → for those of this app how far they are; for the rest nothing.
Progress = Callable[[Collection[str]], Mapping[str, Far]]

progresses: list[Progress] = []


def stream(kind: str) -> Callable[[Subscribe], Subscribe]:
    """Decorator: declares how one subscribes to this kind of stream."""

    def declare(function: Subscribe) -> Subscribe:
        subscriptions[kind] = function
        return function

    return declare


def handler(kind: str) -> Callable[[Handle], Handle]:
    """Decorator: declares what answers this kind of frame."""

    def declare(function: Handle) -> Handle:
        handlers[kind] = function
        return function

    return declare


def batch_handler(kind: str) -> Callable[[HandleBatch], HandleBatch]:
    """Decorator: declares what answers this kind of frame, for as many people as have sent one meanwhile."""

    def declare(function: HandleBatch) -> HandleBatch:
        batch_handlers[kind] = function
        return function

    return declare


def standing(function: Standing) -> Standing:
    """Decorator: declares what the rights of people rest on in this app.

    Sockets ask again when it changed. That is cheap for many idle ones, so it is looked at again and again; who ends a
    right tells the sockets at once (`realtime.publish.revoke`).
    """
    standings.append(function)
    return function


def progress(function: Progress) -> Progress:
    """Decorator: declares how a page of a stream learns that it missed something nobody told it.

    Asked every five seconds for all streams that anybody in the process listens to.
    """
    progresses.append(function)
    return function
