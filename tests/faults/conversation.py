"""People who talk while things break, and what must be true afterwards."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from tests.faults.house import House, Web
from tests.faults.page import Page

#: What the issue allows from the return of a service until nobody misses anything.
HEALED_WITHIN = 15.0
#: Below the limit of forty messages in twenty seconds.
PAUSE = 0.7


class Conversation:
    """On each web process: one who writes by the socket, one who writes by form, one who only reads.

    `ports` are where pages find them, if not directly.
    """

    def __init__(self, house: House, ports: Sequence[int] = ()) -> None:
        self.house = house
        self.ports = ports or [web.port for web in house.webs]
        self.room = house.take_room()
        self.pages: list[Page] = []
        self.readers: list[Page] = []
        self.writers: list[Page] = []
        self._talk: list[asyncio.Task[None]] = []
        self._count = 0

    async def begin(self) -> None:
        by_socket, by_form, reading = ("ada", "mo"), ("mel", "bea"), ("gus", "kim")
        for place, port in enumerate(self.ports):
            for names, has_socket in ((by_socket, True), (by_form, False), (reading, True)):
                person = self.house.people[names[place % 2]]
                page = Page(port, person, self.house.slug, self.room, has_socket=has_socket)
                self.pages.append(page)
                if names is not reading:
                    self.writers.append(page)
                if has_socket:
                    self.readers.append(page)
        await asyncio.gather(*(page.open() for page in self.pages))
        await until(lambda: all(page.is_open for page in self.readers))

    def talk(self) -> None:
        self._talk = [asyncio.create_task(self._speak(page)) for page in self.writers]

    async def _speak(self, page: Page) -> None:
        while True:
            self._count += 1
            page.post(f"word {self._count}")
            await asyncio.sleep(PAUSE * (0.5 + random.random()))

    async def fall_silent(self) -> None:
        for task in self._talk:
            task.cancel()
        await asyncio.gather(*self._talk, return_exceptions=True)
        self._talk = []

    async def end(self) -> None:
        await self.fall_silent()
        await asyncio.gather(*(page.close() for page in self.pages))

    async def healed(self, since: float, after: str, within: float = HEALED_WITHIN) -> float:
        """Until nobody waits for an answer and nobody misses a word. Returns how long it took."""
        await self.fall_silent()
        while missing := self._missing():
            took = time.monotonic() - since
            assert took < within, f"{after}: not healed after {took:.1f} s\n{missing}\n{self.house.said()[-4000:]}"
            await asyncio.sleep(0.05)
        took = time.monotonic() - since
        print(f"{after}: healed in {took:.1f} s")
        return took

    def _missing(self) -> str:
        said = sum(len(page.said) for page in self.writers)
        behind = [page for page in self.pages if page.items or (page in self.readers and len(page.shown) != said)]
        return "\n".join(f"{page}, shows {len(page.shown)} of {said}" for page in behind)

    async def check(self) -> None:
        """Acknowledged is stored exactly once, without gaps, in one order for all, each author's own order kept."""
        stored = await asyncio.to_thread(
            self.house.ask,
            "SELECT id::text, sequence, change, author_id::text, text FROM messaging_message "
            "WHERE room_id = %s ORDER BY sequence",
            self.room,
        )
        log = await asyncio.to_thread(
            self.house.ask, "SELECT sequence, change FROM messaging_roomlog WHERE room_id = %s", self.room
        )
        said = [item for page in self.writers for item in page.said]
        assert Counter(row[4] for row in stored) == Counter(item.text for item in said), "each word once"
        assert [row[1] for row in stored] == list(range(1, len(stored) + 1)), "numbers without gaps"
        assert log == [(len(stored), len(stored))]
        by_text = {row[4]: row for row in stored}
        for item in said:
            assert item.answer is not None
            row = by_text[item.text]
            assert (item.answer["id"], item.answer["sequence"]) == (row[0], row[1]), "acknowledged as stored"
        for page in self.writers:
            own = [by_text[item.text] for item in page.said]
            assert [row[1] for row in own] == sorted(row[1] for row in own), "an author's own order"
            assert all(row[3] == page.person.membership for row in own)
        for page in self.readers:
            shown = sorted(page.shown.values(), key=lambda frame: frame["sequence"])
            assert [(frame["id"], frame["sequence"]) for frame in shown] == [row[:2] for row in stored], "one order"
        assert not [error for page in self.pages for error in page.errors]
        assert not [reload for page in self.pages for reload in page.reloads], "nobody had to load the page again"


@asynccontextmanager
async def conversation(house: House) -> AsyncIterator[Conversation]:
    held = Conversation(house)
    try:
        await held.begin()
        yield held
    finally:
        await held.end()


@asynccontextmanager
async def page_at(
    house: House, web: Web, name: str, room: str, *, has_socket: bool = True, port: int = 0
) -> AsyncIterator[Page]:
    """One page more, perhaps by way of another port than its web process listens on."""
    page = Page(port or web.port, house.people[name], house.slug, room, has_socket=has_socket)
    try:
        await page.open()
        await until(lambda: page.is_open or not has_socket)
        yield page
    finally:
        await page.close()


async def until(is_so: Callable[[], bool], within: float = 30) -> float:
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < within
        await asyncio.sleep(0.02)
    return time.monotonic() - began
