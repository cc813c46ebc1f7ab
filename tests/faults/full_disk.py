"""Run by test_disk_full.py on a small disk: it fills up, PostgreSQL dies on it, there is room again."""

import asyncio
import contextlib
import random
import string
import sys
from pathlib import Path

import django

django.setup()

from tests.faults.asking import ask  # noqa: E402
from tests.faults.conversation import HEALED_WITHIN, page_at, until  # noqa: E402
from tests.faults.house import House  # noqa: E402

STORED = "SELECT text FROM messaging_message WHERE room_id = %s ORDER BY sequence"


def fill(folder: Path) -> None:
    with contextlib.suppress(OSError), (folder / "ballast").open("ab", buffering=0) as ballast:
        for size in (1 << 20, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while ballast.write(bytes(size)):
                    pass


def long_text(name: str) -> str:
    """Too long for the room that is left in what is there, and nothing that could be packed."""
    return f"{name} " + "".join(random.choices(string.ascii_letters, k=7000))


async def main(folder: Path) -> None:
    house = House(folder)
    try:
        await asyncio.to_thread(house.start, 1)
        room, web = house.take_room(), house.webs[0]
        async with page_at(house, web, "ada", room) as page, page_at(house, web, "mo", room) as reader:
            page.post("before")
            await until(lambda: len(reader.shown) == 1)
            fill(folder)
            for number in range(8):
                page.post(long_text(f"{number}"))
            await until(lambda: bool(page.items and page.items[0].reason))
            assert not page.items[0].is_held, "it is tried again"
            session = house.people["mo"].session
            for path, accept in ((page.path, "text/html"), (f"{page.path}changes/?since=0", "application/json")):
                answer = await ask(web.port, path, session, accept=accept)
                assert answer is not None
                assert answer.is_ok, "what was written can be read"
                assert "before" in answer.text
            assert page.is_open
            assert not page.codes, "the sockets stayed"
            (folder / "ballast").unlink()
            took = await until(lambda: page.is_empty and len(reader.shown) == 9, HEALED_WITHIN)
            print(f"disk full: healed in {took:.1f} s")

            fill(folder)
            await asyncio.to_thread(house.kill, house.postgres)
            house.held.clear()
            page.post("while nothing starts")
            await until(lambda: "disk is full" in "\n".join(house.keeper.lines))
            (folder / "ballast").unlink()
            took = await until(lambda: page.is_empty and len(reader.shown) == 10, HEALED_WITHIN)
            print(f"disk full and PostgreSQL dead: healed in {took:.1f} s")
            stored = await asyncio.to_thread(house.ask, STORED, room)
            assert [row[0] for row in stored] == [item.text for item in page.said]
            assert not [*page.reloads, *page.errors, *reader.reloads, *reader.errors]
        assert "Traceback" not in (log := house.said()), log
    finally:
        (folder / "ballast").unlink(missing_ok=True)
        await asyncio.to_thread(house.close)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
