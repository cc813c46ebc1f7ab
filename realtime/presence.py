"""Who is here: one such list per web process, of its own pages' people and of what the other processes say.

A page is here while it is looked at and used, which it says itself; a person is here while one of their pages is.
Coming shows after a moment and going after a longer one, both by chance: otherwise two memberships of one account,
in two places, would be seen to come and go together. Why, and what is stored where: docs/decisions/0005-presence.md.
"""

import asyncio
import contextlib
import json
import logging
import secrets
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.streams import Here, here_stream
from realtime.shared_presence import Card, Places, SharedPresence

if TYPE_CHECKING:
    from realtime.hub import Hub, Subscriber

logger = logging.getLogger(__name__)

#: Also how often a place's pages are told at most.
TICK_SECONDS = 2.0
#: Between these two, by chance.
COMING_SHOWS_AFTER_SECONDS = (1.0, 8.0)
GOING_SHOWS_AFTER_SECONDS = (15.0, 35.0)
#: Without word from the others for so long: what they said may have been taken back meanwhile.
OTHERS_FADE_AFTER_SECONDS = 10.0
#: While nobody can be told that a right ended, nobody lingers for longer.
LINGERS_ALONE_SECONDS = 5.0

_chance = secrets.SystemRandom()


@dataclass(slots=True)
class _Person:
    """Somebody's part in a place, as far as this process's pages go."""

    user_id: str
    card: Card
    #: Their pages that are looked at.
    pages: "set[Subscriber]" = field(default_factory=set)
    is_shown: bool = False


class Presence:
    """Shape: lives on the hub's loop; only `people_at` may be called from other threads."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._shared = SharedPresence(hub.origin)
        self._here: dict[str, dict[str, _Person]] = defaultdict(dict)
        #: (place, person) → when they come into sight, or go out of it.
        self._due: dict[tuple[str, str], float] = {}
        self._others: Places = {}
        self._others_heard_at = 0.0
        #: What the pages of each place were told; replaced, never changed: other threads read it.
        self._told: Places = {}
        #: Places of which the pages, and places of which the other processes, do not know the newest.
        self._stale: set[str] = set()
        self._unsaid: set[str] = set()
        self._wake = asyncio.Event()

    def people_at(self, place: str) -> Mapping[str, Card]:
        """Who is shown there. From any thread; waits for nothing."""
        return self._told.get(place, {})

    # ---- pages ----

    def say(self, page: "Subscriber", part: Here, is_here: bool) -> None:
        """A page is looked at, or no longer."""
        if not part.person:
            return
        if not is_here:
            self._step_out(page, part)
            return
        person = self._here[part.place].setdefault(part.person, _Person(page.user_id, dict(part.card)))
        person.pages.add(page)
        if person.is_shown:
            self._due.pop((part.place, part.person), None)
        else:
            self._due.setdefault((part.place, part.person), _by_chance(COMING_SHOWS_AFTER_SECONDS))

    def change(self, page: "Subscriber", before: Here | None, after: Here | None) -> str:
        """The page's part is another one. Returns a frame that the page has to hear, or ""."""
        if before is not None and before.person and (after is None or _who(after) != _who(before)):
            self._step_out(page, before, at_once=True)
        person = self._here[after.place].get(after.person) if after and after.place in self._here else None
        if after and person and person.card != after.card:
            person.card = dict(after.card)
            self._touch(after.place)
        was_watching = before is not None and before.is_watching
        if after is not None and after.is_watching:
            is_new = not was_watching or before is None or before.place != after.place
            return _frame(people=list(self.people_at(after.place).values())) if is_new else ""
        return _frame(people=[]) if was_watching else ""

    def leave(self, page: "Subscriber", part: Here | None, *, at_once: bool) -> None:
        """The page is closed; at once where its person has no right to be in the place any more."""
        if part is not None and part.person:
            self._step_out(page, part, at_once=at_once)

    def forget(self, user_id: str) -> None:
        """Rights of the account changed: who has no page left to be asked does not linger."""
        for place, person_id in list(self._due):
            person = self._here[place][person_id]
            if person.user_id == user_id and not person.pages:
                self._drop(place, person_id)
        self._wake.set()

    def _step_out(self, page: "Subscriber", part: Here, *, at_once: bool = False) -> None:
        person = self._here[part.place].get(part.person) if part.place in self._here else None
        if person is None or page not in person.pages:
            return
        person.pages.discard(page)
        if person.pages:
            return
        if at_once or not person.is_shown:
            self._drop(part.place, part.person)
        else:
            self._due[part.place, part.person] = _by_chance(GOING_SHOWS_AFTER_SECONDS)

    def _drop(self, place: str, person_id: str) -> None:
        self._due.pop((place, person_id), None)
        was_shown = self._here[place].pop(person_id).is_shown
        if not self._here[place]:
            del self._here[place]
        if was_shown:
            self._touch(place)
            self._wake.set()

    def _touch(self, place: str) -> None:
        self._stale.add(place)
        self._unsaid.add(place)

    # ---- time ----

    async def run(self) -> None:
        """Every two seconds, and as soon as somebody is to vanish at once."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK_SECONDS):
                    await self._wake.wait()
            self._wake.clear()
            try:
                self._settle()
                self._tell()
                await self._exchange()
            except Exception:
                logger.exception("Who is here could not be told.")

    def _settle(self) -> None:
        """Those whose moment has come appear, or are gone."""
        now = time.monotonic()
        patience = LINGERS_ALONE_SECONDS if self._is_alone else GOING_SHOWS_AFTER_SECONDS[1]
        for (place, person_id), due in list(self._due.items()):
            person = self._here[place][person_id]
            if not person.pages and min(due, now + patience) <= now:
                self._drop(place, person_id)
            elif person.pages and due <= now:
                del self._due[place, person_id]
                person.is_shown = True
                self._touch(place)
            elif not person.pages:
                self._due[place, person_id] = min(due, now + patience)

    def _tell(self) -> None:
        """Each page of a place hears what changed, in one frame."""
        for place in self._stale:
            before, now = self._told.get(place, {}), self._everybody(place)
            came = [card for person, card in now.items() if before.get(person) != card]
            went = [person for person in before if person not in now]
            if came or went:
                self._told[place] = now
                self._hub.tell_here(here_stream(place), _frame(came=came, went=went))
            if not now:
                self._told.pop(place, None)
        self._stale.clear()

    def _everybody(self, place: str) -> dict[str, Card]:
        return dict(self._others.get(place, {})) | self._shown(place)

    def _shown(self, place: str) -> dict[str, Card]:
        here = self._here.get(place, {})
        return {person_id: person.card for person_id, person in here.items() if person.is_shown}

    # ---- the other processes ----

    @property
    def _is_alone(self) -> bool:
        return time.monotonic() - self._others_heard_at > OTHERS_FADE_AFTER_SECONDS

    async def _exchange(self) -> None:
        unsaid, self._unsaid = self._unsaid, set()
        try:
            others = await self._shared.exchange(unsaid, self._shown, list(self._here))
            self._others_heard_at = time.monotonic()
        except Exception as error:  # Redis is away: the hub says so once; this process knows its own
            logger.debug("Who is here could not be shared: %s", error)
            self._unsaid |= unsaid
            others = {} if self._is_alone else self._others
        if others is not self._others:
            places = self._others.keys() | others.keys()
            self._stale |= {place for place in places if self._others.get(place) != others.get(place)}
            self._others = others


def _who(part: Here) -> tuple[str, str]:
    return part.place, part.person


def _by_chance(between: tuple[float, float]) -> float:
    return time.monotonic() + _chance.uniform(*between)


def _frame(**content: object) -> str:
    return json.dumps({"type": "presence", **content})
