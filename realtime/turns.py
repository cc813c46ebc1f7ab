"""Threads are few, and one person may have thirty sockets: each person has two at a time, the rest of them wait."""

import asyncio
from weakref import WeakValueDictionary

AT_ONCE = 2

_turns: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()


def turns_of(user_id: str) -> asyncio.Semaphore:
    """Shared by the sockets of one account in this process, for as long as one of them keeps it."""
    turns = _turns.get(user_id)
    if turns is None:
        turns = _turns[user_id] = asyncio.Semaphore(AT_ONCE)
    return turns
