"""All ways we could think of in which something fails over what somebody said."""

import asyncio
import json
import logging
import threading
import uuid
from collections.abc import Callable

from django.db import connection

from accounts.models import User
from realtime.publish import later
from tests.abuse.leaky_celery import fail_over


def wrong_uuid(said: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::uuid", [said])


def twice(said: str) -> None:
    for _time in range(2):
        User.objects.create(pk=uuid.uuid4(), email=said)


def too_long(said: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE short (word varchar(3)); INSERT INTO short VALUES (%s)", [said])


def no_statement(said: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELEKT '{said}'")


def no_json(said: str) -> None:
    json.loads(f'{{"said": {said}')


def no_latin(said: str) -> None:
    f"{said}\u2028".encode("latin-1")


def inner(said: str) -> None:
    try:
        int(said)
    except ValueError as error:
        raise RuntimeError(f"could not take {said}") from error


def several(said: str) -> None:
    raise ExceptionGroup(f"all of {said}", [ValueError(said), KeyError(said)])


def unraisable(said: str) -> None:
    class Careless:
        def __del__(self) -> None:
            raise ValueError(said)

    Careless()


def in_a_thread(said: str) -> None:
    thread = threading.Thread(target=int, args=(said,))
    thread.start()
    thread.join()


def after_the_answer(said: str) -> None:
    later(lambda: int(said))


def on_the_loop(said: str) -> None:
    async def fail() -> None:
        raise ValueError(said)

    async def begin() -> None:
        task = asyncio.get_running_loop().create_task(fail())
        await asyncio.sleep(0)
        del task

    asyncio.run(begin())


def said_in_words(said: str) -> None:
    error = ValueError(said)
    logging.getLogger("core.tests").warning("It failed: %s, %r", error, error)
    logging.getLogger("core.tests").error("To %(mail)s", {"mail": "veiled.person@secret-house.example"})
    logging.getLogger("elsewhere").error("It failed\nThe message was: %s", said)


def by_job(said: str) -> None:
    fail_over.delay(said)


WAYS: dict[str, Callable[[str], None]] = {
    way.__name__: way
    for way in (
        wrong_uuid,
        twice,
        too_long,
        no_statement,
        no_json,
        no_latin,
        inner,
        several,
        unraisable,
        in_a_thread,
        after_the_answer,
        on_the_loop,
        said_in_words,
        by_job,
    )
}
