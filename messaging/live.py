"""A message as the fragment that pages show and sockets carry: rendered once per language, neutral to the viewer."""

import json
from collections.abc import Iterable

from django.conf import settings
from django.core.cache import caches
from django.template.loader import render_to_string
from django.utils import translation

from messaging.models import Message
from realtime.news import Envelope
from realtime.publish import publish

_LANGUAGES = [code for code, _name in settings.LANGUAGES]
#: How a fragment starts; a page adds `data-mine` or `data-more` here, a script sets them by ids and neighbours.
OPENING = '<article class="msg"'


def room_stream(room_id: object) -> str:
    return f"room:{room_id}"


def news_stream(room_id: object) -> str:
    return f"news:{room_id}"


def member_stream(membership_id: object) -> str:
    return f"member:{membership_id}"


def fragments(messages: Iterable[Message], language: str) -> dict[Message, str]:
    """Each message's HTML, from this process's memory where it was rendered before.

    Shape: messages with their authors loaded.
    """
    cache = caches["fragments"]
    keys = {message: _key(message, language) for message in messages}
    known = cache.get_many(keys.values())
    rendered = {key: _render(message, language) for message, key in keys.items() if key not in known}
    cache.set_many(rendered)
    return {message: known.get(key) or rendered[key] for message, key in keys.items()}


def _key(message: Message, language: str) -> str:
    return f"{message.pk}:{message.change}:{message.author.profile_version}:{language}"


def _render(message: Message, language: str) -> str:
    with translation.override(language):
        return render_to_string("messaging/_message.html", {"message": message}).strip()


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
