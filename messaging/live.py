"""What open pages are told: which streams there are, and what goes out on them."""

import json

from django.conf import settings

from messaging.fragments import fragments
from messaging.models import Message
from realtime.news import Envelope
from realtime.publish import publish

_LANGUAGES = [code for code, _name in settings.LANGUAGES]


def room_stream(room_id: object) -> str:
    return f"room:{room_id}"


def room_of_stream(name: str) -> str:
    """The id of the room whose messages or news these are; "" for streams of another kind."""
    kind, _, room_id = name.partition(":")
    return room_id if kind in {"room", "news"} else ""


def news_stream(room_id: object) -> str:
    return f"news:{room_id}"


def member_stream(membership_id: object) -> str:
    return f"member:{membership_id}"


def announce(messages: list[Message], *, is_new: bool = False) -> None:
    """Tell everyone who has the rooms open, and of new messages everyone else who may enter them. After COMMIT only."""
    by_language = {language: fragments(messages, language) for language in _LANGUAGES}
    news: list[Envelope] = []
    for message in messages:
        frames = {lang: json.dumps(frame(message, html[message])) for lang, html in by_language.items()}
        news.append(Envelope(room_stream(message.room_id), frames, message.sequence))
        if is_new:
            hint = {"type": "news", "room": str(message.room_id), "author": str(message.author_id)}
            unless = room_stream(message.room_id)
            news.append(Envelope(news_stream(message.room_id), {"": json.dumps(hint)}, message.sequence, unless))
    publish(list(news))


def announce_read(membership_id: object, room_id: object) -> None:
    """Tell the member's other pages that the room has been read."""
    frame = json.dumps({"type": "read", "room": str(room_id)})
    publish([Envelope(member_stream(membership_id), {"": frame})])


def frame(message: Message, html: str) -> dict[str, object]:
    """One message for a socket or for `changes`: who sees it as their own is for the page to say, by the ids."""
    return {
        "type": "message",
        "room": str(message.room_id),
        "id": str(message.pk),
        "sequence": message.sequence,
        "change": message.change,
        "author": str(message.author_id),
        "html": html,
    }
