"""Gathers what many sockets ask while one batch is being done: one transaction then serves them all.

No timer: a lone frame goes at once. Why batches, and what each rule here is for: docs/decisions/0007-speed.md.
"""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import InterfaceError, OperationalError, connections

from core.postgres.base import forget_dead
from core.streams import Asked, HandleBatch, Refused

MOST_AT_ONCE = 64

Answer = Mapping[str, Any] | Refused


class Writer:
    """One per process and kind of frame, on the hub's loop, with a thread and a database connection of its own."""

    def __init__(self, handle: HandleBatch) -> None:
        self._handle = handle
        self._waiting: deque[tuple[Asked, asyncio.Future[Answer]]] = deque()
        self._thread = ThreadPoolExecutor(1, "writer")
        self._work: asyncio.Task[None] | None = None

    async def ask(self, asked: Asked) -> Answer:
        """The answer to one frame. Raises: what the handler raised for this very frame."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()
        self._waiting.append((asked, answer))
        if self._work is None or self._work.done():
            self._work = loop.create_task(self._empty())
        return await answer

    async def _empty(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(MOST_AT_ONCE, len(self._waiting)))]
            try:
                await self._do(batch)
            except (OperationalError, InterfaceError) as error:  # the database is away: for each of them
                for _asked, future in batch:
                    _settle(future, error)
            except Exception as error:
                if len(batch) == 1:
                    _settle(batch[0][1], error)
                else:
                    await self._do_each(batch)

    async def _do(self, batch: Sequence[tuple[Asked, "asyncio.Future[Answer]"]]) -> None:
        loop = asyncio.get_running_loop()
        answers = await loop.run_in_executor(self._thread, self._in_thread, [asked for asked, _future in batch])
        for (_asked, future), answer in zip(batch, answers, strict=True):
            _settle(future, answer)

    async def _do_each(self, batch: Sequence[tuple[Asked, "asyncio.Future[Answer]"]]) -> None:
        """One of them spoilt it for all: each gets its own answer, or its own error."""
        for one in batch:
            try:
                await self._do([one])
            except Exception as error:
                _settle(one[1], error)

    def _in_thread(self, asked: Sequence[Asked]) -> Sequence[Answer]:
        try:
            forget_dead()
            return self._handle(asked)
        except Exception:
            # The connection may be what broke: the next batch begins with a new one.
            connections.close_all()
            raise


def _settle(future: "asyncio.Future[Answer]", answer: Answer | Exception) -> None:
    if future.done():  # whoever asked is gone: their socket was closed meanwhile
        return
    if isinstance(answer, Exception) and not isinstance(answer, Refused):
        future.set_exception(answer)
    else:
        future.set_result(answer)
