"""Between "your rights changed" and the answer to "may I stay?" a socket hears nothing: what comes meanwhile waits.

Otherwise somebody who was just banned would read on for as long as the database needs for the answer.
"""

from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from realtime.catching_up import or_cut
from realtime.news import Bundle

if TYPE_CHECKING:
    from realtime.hub import Subscriber

#: An answer takes milliseconds; where the database hangs, some seconds.
MOST_WAITING = 200


@dataclass(slots=True)
class _Held:
    #: Questions that are not answered yet.
    asked: int = 0
    #: In the order of coming.
    waiting: list[Bundle] = field(default_factory=list)
    #: More came than waits: its page is told how far things are, and asks.
    is_behind: bool = False


class Holding:
    """Shape: lives on the hub's loop."""

    def __init__(self) -> None:
        self.held: dict[Subscriber, _Held] = {}

    def takes(self, subscriber: "Subscriber", item: Bundle) -> bool:
        """Whether it waits here."""
        if subscriber not in self.held:
            return False
        held = self.held[subscriber]
        if len(held.waiting) >= MOST_WAITING:
            held.waiting.clear()
            held.is_behind = True
        if not held.is_behind:
            held.waiting.append(item)
        return True

    def while_asked(self, subscriber: "Subscriber", asking: Coroutine[Any, Any, None]) -> Coroutine[Any, Any, None]:
        """From this call on; the result is to be awaited."""
        self.held.setdefault(subscriber, _Held()).asked += 1
        return self._ask(subscriber, asking)

    async def _ask(self, subscriber: "Subscriber", asking: Coroutine[Any, Any, None]) -> None:
        await or_cut(subscriber, asking)
        held = self.held[subscriber]
        held.asked -= 1
        if not held.asked:
            del self.held[subscriber]
            for item in held.waiting:  # who was cut takes nothing any more
                if item.stream in subscriber.streams and (text := item.text_for(subscriber)):
                    await subscriber.send_text(text)
            if held.is_behind:
                await subscriber.tell_again()
