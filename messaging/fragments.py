"""A message as HTML: rendered once per language, neutral to the viewer, the same for pages and sockets."""

import re
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache

from django.core.cache import caches
from django.template.loader import render_to_string
from django.utils import timezone, translation

from communities.models import Membership, Room
from core.templatetags.kreis import moment
from messaging.models import Message

#: How a fragment starts; a page adds `data-mine` or `data-more` here, a script sets them by ids and neighbours.
OPENING = '<article class="msg"'
#: What only its author can use; a page leaves it out of the others' messages, where it would never be shown.
_TOOLS = re.compile(r'<div class="msg-tools only-mine">.*?</div>\s*', re.DOTALL)


def fragments(messages: Iterable[Message], language: str) -> dict[Message, str]:
    """Each message's HTML, from this process's memory where it was rendered before.

    Shape: messages with their authors loaded.
    """
    cache = caches["fragments"]
    keys = {message: _key(message, language) for message in messages}
    known = cache.get_many(keys.values())
    rendered = {key: render(message, language) for message, key in keys.items() if key not in known}
    cache.set_many(rendered)
    return {message: known.get(key) or rendered[key] for message, key in keys.items()}


def without_tools(html: str) -> str:
    """A message for a page on which it is somebody else's."""
    # In what somebody wrote no element has a class (markdown.py).
    return _TOOLS.sub("", html)


def _key(message: Message, language: str) -> str:
    return f"{message.pk}:{message.change}:{message.author.profile_version}:{language}"


def render(message: Message, language: str) -> str:
    """One message's HTML. A plain one is filled into what its author's messages look like."""
    with translation.override(language):
        if message.deleted_at or message.edited_at:
            return _render(message)
        parts = _mould(_Looks(message), language)
        filled = _filled(message)
        return "".join(filled.get(part, part) for part in parts)


def _render(message: Message) -> str:
    return render_to_string("messaging/_message.html", {"message": message}).strip()


# ---- Moulds: the template takes ten times as long as filling what differs between two messages of one author ----


class _Looks:
    """What a mould depends on: the author as they look now, and the room's address."""

    def __init__(self, message: Message) -> None:
        self.author: Membership = message.author
        self.room: Room = message.room
        self.key = (self.author.pk, self.author.profile_version, self.author.display_name, self.room.pk)
        self.slug = self.room.community.slug

    def __hash__(self) -> int:
        return hash((self.key, self.slug))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Looks) and (self.key, self.slug) == (other.key, other.slug)


#: Stand for what differs; nobody can have written them, they are new in each process.
_PK = uuid.uuid4()
_SEQUENCE, _CHANGE = (uuid.uuid4().int % 10**18 + 10**18 for _ in range(2))
_HTML = uuid.uuid4().hex
_AT = datetime(1971, 2, 3, 4, 5, 6, uuid.uuid4().int % 10**6, tzinfo=UTC)


@lru_cache(maxsize=2000)
def _mould(looks: _Looks, language: str) -> tuple[str, ...]:
    """Shape: fixed text and the names of `_filled`, in turn."""
    sample = Message(
        pk=_PK,
        room=looks.room,
        author=looks.author,
        sequence=_SEQUENCE,
        change=_CHANGE,
        html=_HTML,
        created_at=_AT,
    )
    names = {text: name for name, text in _filled(sample).items()}
    either = "|".join(re.escape(text) for text in sorted(names, key=len, reverse=True))
    return tuple(names.get(part, part) for part in re.split(f"({either})", _render(sample)) if part)


def _filled(message: Message) -> dict[str, str]:
    return {
        "\0id": str(message.pk),
        "\0sequence": str(message.sequence),
        "\0change": str(message.change),
        "\0at": timezone.localtime(message.created_at).isoformat(),
        "\0moment": moment(message.created_at, "time"),
        "\0html": message.html,
    }
