"""What pages let others know in passing: that somebody is here, that somebody is writing.

A page may give what its subscriptions named, and nothing else; which signs these are, it is told. Nothing is stored,
and nothing of it comes before a message: what is too much is dropped.
"""

import json
from collections.abc import Mapping
from typing import Any

from core import limits
from core.streams import Here, Sign
from realtime.hub import Hub, Subscriber
from realtime.news import Envelope

HERE = "here"
#: Of one person, and of one stream: who would read more names than these?
MOST_OF_ONE, MOST_OF_ALL, WITHIN_SECONDS = 3, 12, 6


async def allow(hub: Hub, page: Subscriber, signs: Mapping[str, Sign | Here]) -> None:
    """From now on the page may give these; it hears which, and what it has to forget."""
    before, page.signs = page.signs, dict(signs)
    may = [name for name, sign in signs.items() if _may_give(sign)]
    if may != [name for name, sign in before.items() if _may_give(sign)]:
        await page.send_text(json.dumps({"type": "signs", "may": may}))
    frame = hub.presence.change(page, _here(before), _here(signs))
    if frame:
        await page.send_text(frame)


def give(hub: Hub, page: Subscriber, frame: Mapping[str, Any]) -> None:
    """A page gives a sign; one that it may not give is nothing."""
    name = frame.get("name")
    sign = page.signs.get(name) if isinstance(name, str) else None
    if isinstance(sign, Here):
        hub.presence.say(page, sign, frame.get("is") is True)
    elif sign is not None and _is_calm(page, sign):
        if hub.bus.is_silent:  # what waited for a bus that hangs would be told when it is long untrue
            hub.tell_here(sign.stream, sign.frame, sign.unless)
        else:
            hub.hand_in([Envelope(sign.stream, {"": sign.frame}, unless=sign.unless)])


def leave(hub: Hub, page: Subscriber, *, at_once: bool = False) -> None:
    """The page gives no more signs; at once where its person has no right to be there any more."""
    hub.presence.leave(page, _here(page.signs), at_once=at_once)
    page.signs = {}


def _may_give(sign: Sign | Here) -> bool:
    return isinstance(sign, Sign) or bool(sign.person)


def _here(signs: Mapping[str, Sign | Here]) -> Here | None:
    part = signs.get(HERE)
    return part if isinstance(part, Here) else None


def _is_calm(page: Subscriber, sign: Sign) -> bool:
    one = limits.is_within(f"signs:{page.user_id}:{sign.stream}", times=MOST_OF_ONE, seconds=WITHIN_SECONDS)
    return one and limits.is_within(f"signs:{sign.stream}", times=MOST_OF_ALL, seconds=WITHIN_SECONDS)
