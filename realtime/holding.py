"""Between "your rights changed" and the answer to "may I stay?" a socket hears nothing: what comes meanwhile waits.

Otherwise somebody who was just banned would read on for as long as the database needs for the answer.
"""

import logging
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from realtime.news import Bundle

if TYPE_CHECKING:
    from realtime.hub import Subscriber

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Held:
    #: Questions that are not answered yet.
    asked: int = 0
    #: In the order of coming. Not counted: an answer takes milliseconds, or a socket that gets none is cut.
    waiting: list[Bundle] = field(default_factory=list)


class Holding:
    """Shape: lives on the hub's loop."""

    def __init__(self) -> None:
        self._held: dict[Subscriber, _Held] = {}

    def takes(self, subscriber: "Subscriber", item: Bundle) -> bool:
        """Whether it waits here."""
        if not self._held or subscriber not in self._held:
            return False
        self._held[subscriber].waiting.append(item)
        return True

    def while_asked(self, subscriber: "Subscriber", asking: Coroutine[Any, Any, None]) -> Coroutine[Any, Any, None]:
        """From this call on; the result is to be awaited."""
        self._held.setdefault(subscriber, _Held()).asked += 1
        return self._ask(subscriber, asking)

    async def _ask(self, subscriber: "Subscriber", asking: Coroutine[Any, Any, None]) -> None:
        try:
            await asking
        except Exception:
            logger.exception("A socket that had to ask again could not, and was cut.")
            await subscriber.cut()
        held = self._held[subscriber]
        held.asked -= 1
        if not held.asked:
            del self._held[subscriber]
            for item in held.waiting:  # who was cut takes nothing any more
                await deliver(item, subscriber)


async def deliver(item: Bundle, subscriber: "Subscriber") -> None:
    """To one socket, as far as it may hear it now."""
    first_sequence = subscriber.streams.get(item.stream)
    if first_sequence is None or item.unless in subscriber.streams:
        return
    if text := item.text(subscriber.language, first_sequence):
        await subscriber.send_text(text)
