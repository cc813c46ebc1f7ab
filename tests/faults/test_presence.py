"""Who is here, over two web processes, several pages, refusals, measures and crashes."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from psycopg import AsyncConnection
from pytest_django import Settings
from redis import Redis as Client

from communities.actions import (
    allow_presence,
    ban_member,
    choose_presence,
    lift_suspension,
    remove_member,
    rename_member,
    suspend_member,
)
from communities.models import Community, Membership, Room
from tests import factories
from tests.faults.conftest import Redis
from tests.realtime.conftest import Page
from tests.realtime.talking import Browser, Listener, act, enter, follow, page_at, session
from tests.servers import Server, start_server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("presence")]

#: Waiting for what must come. What must not come is waited for a little longer than it would take.
SOON, LONG_ENOUGH = 30, 2.0


@dataclass
class House:
    """Two web processes: in `quick` people go soon after their last page, in `slow` only in an hour."""

    quick: Server
    slow: Server
    redis: Redis
    log: Path

    def stored(self) -> str:
        """All that Redis holds."""
        with Client.from_url(self.redis.url, decode_responses=True) as client:
            keys = client.keys("*:presence*")
            return str([(k, client.hgetall(k) if client.type(k) == "hash" else client.smembers(k)) for k in keys])

    def wait_until_stored(self, words: str) -> None:
        deadline = time.monotonic() + SOON
        while words not in self.stored():
            assert time.monotonic() < deadline
            time.sleep(0.2)


def _start(redis: Redis, log: Any, going: str) -> Server:
    application = "tests.faults.presence_asgi:application"
    return start_server(application=application, log=log, REDIS_URL=redis.url, GOING_SHOWS_AFTER=going)


@pytest.fixture(scope="session")
def shared_house(
    django_db_setup: None, django_db_blocker: object, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    path = tmp_path_factory.mktemp("presence") / "log"
    redis = Redis()
    with path.open("ab") as log:
        quick, slow = _start(redis, log, "0.6"), _start(redis, log, "3600")
    yield House(quick, slow, redis, path)
    for server in (quick, slow):
        server.process.kill()
        server.process.wait()
    redis.kill()


@pytest.fixture
def house(shared_house: House, transactional_db: None, settings: Settings) -> Iterator[House]:
    # What the test does is told to these processes, as a command's doing would be.
    layer = settings.CHANNEL_LAYERS["default"]
    host = layer["CONFIG"]["hosts"][0] | {"address": shared_house.redis.url}
    settings.CHANNEL_LAYERS = {"default": layer | {"CONFIG": layer["CONFIG"] | {"hosts": [host]}}}
    yield shared_house
    shared_house.redis.come_back()
    assert "Traceback" not in shared_house.log.read_text()


@dataclass
class Watcher(Listener):
    """A page that keeps its list, as presence.js does."""

    def __post_init__(self) -> None:
        self.people: dict[str, str] = {}

    async def sees(self, *names: str, within: float = SOON) -> bool:
        """Wait until exactly these are here."""
        async with asyncio.timeout(within):
            while set(self.people.values()) != set(names):
                self._take(await self.hear("presence", within))
        return True

    async def keeps_seeing(self, *names: str) -> bool:
        """For longer than it would take to see somebody go."""
        deadline = time.monotonic() + LONG_ENOUGH
        while (left := deadline - time.monotonic()) > 0:
            try:
                self._take(await self.hear("presence", left))
            except TimeoutError:
                break
            if set(self.people.values()) != set(names):
                return False
        return set(self.people.values()) == set(names)

    def _take(self, frame: dict[str, Any]) -> None:
        if "people" in frame:
            self.people = {}
        for person in frame.get("went", []):
            self.people.pop(person, None)
        for card in frame.get("people") or frame.get("came", []):
            self.people[card["id"]] = card["name"]


@asynccontextmanager
async def a_page(server: Server, member: Membership, slug: str = "circle") -> AsyncIterator[Watcher]:
    async with page_at(server, await session(member)) as page:
        watcher = Watcher(page.socket)
        await follow(watcher, slug)
        yield watcher


@asynccontextmanager
async def here(server: Server, member: Membership, slug: str = "circle") -> AsyncIterator[Watcher]:
    """A page that is looked at."""
    async with a_page(server, member, slug) as page:
        await look(page)
        yield page


async def look(page: Page, is_looked_at: bool = True) -> None:
    await page.send(type="sign", name="here", **{"is": is_looked_at})


async def chooses(*members: Membership, presence: bool = True, typing: bool = False) -> None:
    for member in members:
        await act(choose_presence, member=member, shows_presence=presence, shows_typing=typing)


async def page_says(server: Server, viewer: Membership) -> str:
    return (await Browser(server, await session(viewer)).get("/c/circle/rooms/")).text


async def test_who_chose_it_is_seen_in_both_processes_and_on_plain_pages(
    house: House, ada: Membership, mel: Membership, mo: Membership
) -> None:
    await chooses(mel, mo)
    async with a_page(house.quick, ada) as near, a_page(house.slow, ada) as far:
        assert near.people == far.people == {}
        async with here(house.quick, mel), here(house.slow, mo):
            assert await near.sees("Mel", "Mo")
            assert await far.sees("Mel", "Mo")
            for server in (house.quick, house.slow):
                async with a_page(server, ada) as late:
                    assert await late.sees("Mel", "Mo")
                said = await page_says(server, ada)
                assert "2 are here now" in said
                assert f'data-person="{mel.pk}"' in said
            assert ">One person is here now<" not in await page_says(house.quick, mel), "oneself counts, too"


async def test_nothing_is_sent_or_stored_of_who_did_not_choose_it_whatever_their_browser_says(
    house: House, ada: Membership, mel: Membership, mo: Membership
) -> None:
    await chooses(mo)
    async with a_page(house.slow, ada) as watcher, here(house.quick, mel) as page, here(house.quick, mo):
        assert await watcher.sees("Mo")
        await look(page)
        assert await watcher.keeps_seeing("Mo")
        assert await page.sees("Mo"), "who refuses still sees the others"
        assert str(mo.pk) in house.stored()
        assert str(mel.pk) not in house.stored()
        assert str(mel.pk) not in await page_says(house.quick, ada)


async def test_a_page_that_nobody_looks_at_is_not_being_here(house: House, ada: Membership, mel: Membership) -> None:
    await chooses(mel)
    async with a_page(house.quick, ada) as watcher, a_page(house.quick, mel) as page:
        assert await watcher.keeps_seeing()
        await look(page)
        assert await watcher.sees("Mel")
        await look(page, False)
        assert await watcher.sees()


async def test_somebody_is_here_until_the_last_page_is_closed_in_whichever_process(
    house: House, ada: Membership, mel: Membership
) -> None:
    await chooses(mel)
    async with a_page(house.quick, ada) as near, a_page(house.slow, ada) as far:
        async with here(house.quick, mel):
            async with here(house.quick, mel), here(house.quick, mel):
                assert await near.sees("Mel")
                assert await far.sees("Mel")
            assert await near.keeps_seeing("Mel")
            assert await far.sees("Mel")
        assert await near.sees()
        assert await far.sees()


async def test_changing_the_page_is_not_seen(house: House, ada: Membership, mel: Membership) -> None:
    await chooses(mel)
    async with a_page(house.slow, ada) as watcher:
        async with here(house.slow, mel):
            assert await watcher.sees("Mel")
        assert await watcher.keeps_seeing("Mel"), "going shows after a while only"
        async with here(house.slow, mel):
            assert await watcher.sees("Mel")
        await chooses(mel, presence=False)
        assert await watcher.sees(), "who refuses does not linger"


async def test_refusing_counts_at_once_on_all_pages_and_ones_own_browser_is_told(
    house: House, ada: Membership, mel: Membership
) -> None:
    await chooses(mel)
    async with (
        a_page(house.quick, ada) as near,
        a_page(house.slow, ada) as far,
        here(house.slow, mel) as page,
        here(house.slow, mel) as second,
    ):
        assert (await page.hear("signs"))["may"] == ["here"]
        assert (await second.hear("signs"))["may"] == ["here"]
        assert await near.sees("Mel")
        assert await far.sees("Mel")
        await chooses(mel, presence=False)
        assert await far.sees()
        assert await near.sees()
        for own in (page, second):
            assert (await own.hear("signs"))["may"] == []
            await look(own)
        assert await near.keeps_seeing()
        assert str(mel.pk) not in house.stored()
        await chooses(mel)
        assert (await page.hear("signs"))["may"] == ["here"]
        await look(page)
        assert await near.sees("Mel")


async def test_the_community_switches_it_off_and_on_again(
    house: House, circle: Community, ada: Membership, mel: Membership
) -> None:
    await chooses(mel, ada)
    off = {"allows_presence": False, "allows_typing": True}
    async with here(house.quick, ada) as watcher, here(house.slow, mel) as page:
        assert (await page.hear("signs"))["may"] == ["here"]
        assert await watcher.sees("Ada", "Mel")
        await act(allow_presence, actor=ada, community=circle, **off)
        assert await watcher.sees()
        assert await page.sees()
        assert (await page.hear("signs"))["may"] == []
        await look(page)
        async with here(house.quick, mel) as late:
            assert await late.keeps_seeing()
        assert await watcher.sees()
        assert "here now" not in await page_says(house.quick, ada)
        for member in (ada, mel):
            assert str(member.pk) not in house.stored()
        await act(allow_presence, actor=ada, community=circle, **off | {"allows_presence": True})
        assert (await page.hear("signs"))["may"] == ["here"]
        await look(page)
        assert await watcher.sees("Mel")


@pytest.mark.parametrize(
    "end",
    [ban_member, remove_member, partial(suspend_member, for_=timedelta(days=1))],
    ids=["ban", "removal", "suspension"],
)
async def test_who_is_taken_out_vanishes_at_once_with_all_pages(
    house: House, ada: Membership, mel: Membership, bea: Membership, end: Callable[..., object]
) -> None:
    await chooses(mel, bea)
    async with a_page(house.quick, ada) as near, a_page(house.slow, ada) as far, here(house.slow, bea):
        async with here(house.slow, mel), here(house.slow, mel) as page:
            for watcher in (near, far):
                assert await watcher.sees("Mel", "Bea")
            await act(end, actor=ada, member=mel)
            assert await page.closed() == 4403
            for watcher in (near, far):
                assert await watcher.sees("Bea")
        assert "Mel" not in await page_says(house.slow, ada)


async def test_who_has_just_left_the_page_does_not_linger_after_a_ban(
    house: House, ada: Membership, mel: Membership
) -> None:
    await chooses(mel)
    async with a_page(house.quick, ada) as watcher:
        async with here(house.slow, mel):
            assert await watcher.sees("Mel")
        await act(suspend_member, actor=ada, member=mel, for_=timedelta(days=1))
        assert await watcher.sees()
        await act(lift_suspension, actor=ada, member=mel)
        async with here(house.slow, mel):
            assert await watcher.sees("Mel")


@asynccontextmanager
async def nobody_can_be_asked() -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Whoever reads a session waits. Gives what waits until somebody does."""
    place = connection.settings_dict
    known = {"dbname": place["NAME"], "user": place["USER"], "password": place["PASSWORD"]}
    async with await AsyncConnection.connect(host=place["HOST"], port=place["PORT"], **known) as lock:

        async def somebody_waits() -> None:
            deadline = time.monotonic() + SOON
            waiting = "SELECT FROM pg_locks WHERE NOT granted AND relation = 'accounts_session'::regclass"
            while await (await lock.execute(waiting)).fetchone() is None:
                assert time.monotonic() < deadline
                await asyncio.sleep(0.05)

        await lock.execute("LOCK TABLE accounts_session IN ACCESS EXCLUSIVE MODE")
        yield somebody_waits


async def test_who_leaves_the_page_while_it_is_asked_does_not_linger(
    house: House, ada: Membership, mel: Membership
) -> None:
    await chooses(mel)
    async with a_page(house.quick, ada) as watcher:
        async with here(house.slow, mel) as page:
            assert await watcher.sees("Mel")
            async with nobody_can_be_asked() as somebody_waits:
                await chooses(mel, presence=False)
                await somebody_waits()
                await page.socket.close()  # its browser goes on to the next page
                await asyncio.sleep(0.5)
        assert await watcher.sees()


async def test_a_plain_page_asks_the_database_last(house: House, ada: Membership, mel: Membership) -> None:
    await chooses(mel)
    async with a_page(house.quick, ada) as watcher, here(house.quick, mel):
        assert await watcher.sees("Mel")
        assert ">One person is here now<" in await page_says(house.quick, ada)
        await Membership.objects.filter(pk=mel.pk).aupdate(shows_presence=False)  # nobody was told
        assert str(mel.pk) not in await page_says(house.quick, ada)


async def test_guests_are_seen_and_see_nobody(house: House, ada: Membership, mel: Membership, gus: Membership) -> None:
    await chooses(mel, gus)
    async with a_page(house.quick, ada) as watcher, here(house.quick, mel), here(house.quick, gus) as guest:
        assert await watcher.sees("Mel", "Gus")
        assert await guest.keeps_seeing()
        said = await page_says(house.quick, gus)
        assert "here now" not in said
        assert "people-here" not in said
        assert str(mel.pk) not in said


async def test_being_here_in_one_community_is_not_being_here_in_another(
    house: House, ada: Membership, mel: Membership
) -> None:
    harbour = await act(factories.community, "harbour")
    olaf = await act(factories.member, harbour, "Olaf")
    twin = await act(partial(factories.member, harbour, "Someone", user=mel.user))
    await chooses(mel, twin)
    async with a_page(house.quick, ada) as inside, a_page(house.quick, olaf, "harbour") as outside:
        async with here(house.quick, mel), a_page(house.quick, mel, "harbour"):
            assert await inside.sees("Mel")
            assert await outside.keeps_seeing()
        async with here(house.quick, twin, "harbour"):
            assert await outside.sees("Someone")
            assert await inside.sees()
        assert not {str(mel.pk), str(mel.user_id)} & set(outside.people)


async def test_a_new_name_is_seen_at_once(house: House, ada: Membership, mel: Membership) -> None:
    await chooses(mel)
    async with a_page(house.quick, ada) as watcher, here(house.slow, mel):
        assert await watcher.sees("Mel")
        await act(rename_member, member=mel, display_name="Melanie", introduction="")
        assert await watcher.sees("Melanie")


async def test_a_killed_process_takes_only_its_own_people_along(
    house: House, ada: Membership, mel: Membership, mo: Membership
) -> None:
    await chooses(mel, mo, ada)
    with house.log.open("ab") as log:
        third = _start(house.redis, log, "3600")
    try:
        async with here(house.quick, ada) as watcher, here(house.quick, mo), here(third, mo), here(third, mel):
            assert await watcher.sees("Ada", "Mel", "Mo")
            third.process.kill()
            assert await watcher.sees("Ada", "Mo")
            assert await watcher.keeps_seeing("Ada", "Mo")
    finally:
        third.process.kill()
        third.process.wait()


@pytest.mark.parametrize("fail", [Redis.kill, Redis.freeze], ids=["killed", "frozen"])
async def test_while_redis_is_away_each_process_knows_its_own_and_afterwards_all_again(
    house: House, fail: Callable[[Redis], None], ada: Membership, mel: Membership, mo: Membership, bea: Membership
) -> None:
    await chooses(mel, mo, bea)
    async with (
        a_page(house.quick, ada) as near,
        a_page(house.slow, ada) as far,
        here(house.quick, mel),
        here(house.slow, mo),
    ):
        for watcher in (near, far):
            assert await watcher.sees("Mel", "Mo")
        await asyncio.to_thread(fail, house.redis)
        try:
            assert await near.sees("Mel")
            assert await far.sees("Mo")
            async with here(house.slow, bea):
                assert await far.sees("Mo", "Bea")
                assert "2 are here now" in await page_says(house.slow, ada)
                await chooses(bea, presence=False)  # nobody can be told: pages ask by themselves
                assert await far.sees("Mo")
        finally:
            await asyncio.to_thread(house.redis.come_back)
        for watcher in (near, far):
            assert await watcher.sees("Mel", "Mo")


async def test_what_redis_forgot_is_told_again(house: House, ada: Membership, mel: Membership) -> None:
    await chooses(mel)
    async with a_page(house.quick, ada) as watcher, here(house.slow, mel):
        assert await watcher.sees("Mel")
        with Client.from_url(house.redis.url) as client:
            client.flushall()
        await asyncio.to_thread(house.wait_until_stored, str(mel.pk))
        assert await watcher.sees("Mel")


async def test_writing_in_one_process_is_seen_in_the_other(
    house: House, ada: Membership, mel: Membership, hall: Room
) -> None:
    await chooses(mel, presence=False, typing=True)
    async with a_page(house.quick, mel) as writer, a_page(house.slow, mel) as own, a_page(house.slow, ada) as reader:
        for page in (writer, own, reader):
            await enter(page, hall)
        seen: dict[str, Any] = {}
        async with asyncio.timeout(SOON):  # a bus that has just come up may lose the first
            while not seen:
                await writer.send(type="sign", name=f"typing:{hall.pk}")
                with contextlib.suppress(TimeoutError):
                    seen = await reader.hear("typing", 2.5)
        assert seen == {"type": "typing", "room": str(hall.pk), "author": str(mel.pk), "name": "Mel"}
        assert await own.hears_nothing("typing")


async def test_signs_that_are_none_are_nothing(house: House, ada: Membership, mel: Membership, hall: Room) -> None:
    await chooses(mel)
    async with a_page(house.quick, ada) as watcher, a_page(house.quick, mel) as page:
        for name in ("", "there", 7, None, ["here"], {"a": 1}, f"typing:{hall.pk}", str(mel.pk)):
            await page.send(type="sign", name=name, **{"is": True})
        for value in (1, "true", None, [True]):
            await page.send(type="sign", name="here", **{"is": value})
        await page.send(type="sign")
        assert await watcher.keeps_seeing()
        await page.send(type="ping")
        assert await page.hear("pong")
