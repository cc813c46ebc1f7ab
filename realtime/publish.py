"""What other apps ask of the live layer: tell it, cut it, and who is here."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from accounts.sessions import session_mark
from realtime.bus import GROUP, SEND_SECONDS
from realtime.hub import run_safely, running_hub
from realtime.news import News, Revocation, pack

logger = logging.getLogger(__name__)


def publish(news: list[News]) -> None:
    """Send news to all open sockets, here and in other processes. Call it after commit; it never raises or waits.

    Outside a web process (worker, commands) it uses the bus alone and gives it 2 s.
    """
    hub = running_hub()
    if hub is not None:
        hub.hand_in(news)
        return
    try:
        async_to_sync(_send)(news)
    except Exception as error:
        logger.warning("Open pages were not told and catch up by themselves: %s", error)


def revoke(user_id: Any, *, ended_session: str = "") -> None:
    """Every open socket of the account asks again, session first, and is cut where the answer is no.

    Sockets of `ended_session` (a session key, whose row is gone) are cut without asking.
    """
    publish([Revocation(str(user_id), session_mark(ended_session))])


def revoke_all(user_ids: Iterable[Any]) -> None:
    """The same for many accounts, in one batch."""
    publish([Revocation(str(user_id)) for user_id in user_ids])


def people_at(place: str) -> Mapping[str, Mapping[str, str | int]]:
    """Who is shown to be at a place: what others see of them, by id, as far as this process has heard.

    Waits for nothing. Nobody outside a web process.
    """
    hub = running_hub()
    return hub.presence.people_at(place) if hub is not None else {}


def later(work: Callable[[], object], *, may_hang: bool = False) -> None:
    """Do something after the answer that is being given, one after another; never raises.

    In a web process it runs in the hub's own thread, so that no sender waits for what others are told; what `may_hang`
    with a service, such as the queue of jobs, runs in another one, so that no news wait for it. Elsewhere nobody waits
    for an answer and it runs at once.
    """
    hub = running_hub()
    if hub is None:
        run_safely(work)
    else:
        hub.do_later(work, may_hang=may_hang)


async def _send(news: list[News]) -> None:
    layer: Any = get_channel_layer()
    async with asyncio.timeout(SEND_SECONDS):
        await layer.group_send(GROUP, pack(news, origin=""))
