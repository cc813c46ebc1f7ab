"""The site's one WebSocket: it carries frames between a page and what the apps declared in `core.streams`.

A plain ASGI application rather than a Channels consumer: `AsyncConsumer` makes a thread hop before every event and
opens a channel per socket, which the hub makes needless.
"""

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, WebSocketScope
from channels.db import database_sync_to_async
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.marks import is_page_of
from accounts.sessions import session_mark
from core import limits, requests, streams
from realtime import signs
from realtime.catching_up import or_cut
from realtime.door import Knocks
from realtime.hub import Hub, start_hub
from realtime.sessions import Person, best_language, person_behind
from realtime.turns import turns_of

logger = logging.getLogger(__name__)

# Not 1011, which would say it: a server may send it, but autobahn only lets pass 1000 and from 3000.
SIGNED_OUT, NOT_ALLOWED, TOO_SLOW, TOO_MANY, BROKEN = 4401, 4403, 4408, 4429, 4500
MOST_UNACKNOWLEDGED_BYTES = 1024 * 1024
MOST_FRAME_BYTES = 64 * 1024
#: Acknowledged by nobody: most are answered before they come here (realtime/wire.py).
PONG = '{"type": "pong"}'
MOST_SOCKETS_PER_PERSON = 30
#: More than rooms of one community; what a page hears already is never taken from it.
MOST_STREAMS = 1000
MOST_SUBSCRIPTIONS = 20
#: Of one person. Shorter than daphne's patience with an application whose client has gone (10 s at least): what still
#: waits is then done in time.
MOST_FRAMES, FRAMES_SECONDS = 100, 8


class PageSocket:
    """One page's socket."""

    def __init__(self, scope: WebSocketScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        self._receive, self._send = receive, send
        cookies: dict[str, str] = scope.get("cookies", {})  # type: ignore[assignment]
        headers = dict(scope["headers"])
        self.session_key = cookies.get(settings.SESSION_COOKIE_NAME, "")
        accepted = headers.get(b"accept-language", b"").decode("latin-1")
        self._page_language = best_language(cookies.get(settings.LANGUAGE_COOKIE_NAME, ""), accepted)
        self.user_id = self.language = ""
        self.streams: dict[str, int] = {}
        self.signs: dict[str, streams.Sign | streams.Here] = {}
        network: str = scope.get("network", "")  # type: ignore[assignment]
        self._knocks = Knocks(network, self.session_key)
        self._subscribed: list[Mapping[str, Any]] = []
        self._sent_bytes = self._acknowledged_bytes = 0
        self._is_open = False
        #: What the rights of the last answer rested on; see realtime.sweep.
        self.versions: str | None = None
        #: Raised whenever rights are asked again: an answer from before does not count.
        self._generation = 0

    async def run(self) -> None:
        """From the handshake to the end of the socket."""
        await self._receive()  # websocket.connect
        if self._knocks.are_too_many:
            await self._turn_away(TOO_MANY)
            return
        hub = start_hub()
        ended_before = hub.ended_rights
        try:
            person = await self._introduce()
        except Exception:
            logger.exception("A socket could not be opened.")
            await self._turn_away(BROKEN)
            return
        self._knocks.count(is_known=person is not None)
        if person is None or len(hub.by_user.get(person.user_id, ())) >= MOST_SOCKETS_PER_PERSON:
            await self._turn_away(SIGNED_OUT if person is None else TOO_MANY)
            return
        self.user_id, self.language = person.user_id, person.language
        self._turns = turns_of(self.user_id)
        await self._send({"type": "websocket.accept", "subprotocol": None, "headers": []})
        self._is_open = True
        hub.join(self)
        try:
            if hub.ended_rights != ended_before:
                # Maybe it was ours, told when we were not yet among those who are asked.
                await or_cut(self, self.ask_again())
            await self._serve(hub)
        finally:
            self._is_open = False
            hub.leave(self)
            signs.leave(hub, self)

    async def _turn_away(self, code: int) -> None:
        # Accepted first: a browser learns the close code only of an open socket.
        await self._send({"type": "websocket.accept", "subprotocol": None, "headers": []})
        await self._send_close(code)

    async def _serve(self, hub: Hub) -> None:
        number, frames = requests.current(), 0
        while self._is_open:
            event = await self._receive()
            if event["type"] == "websocket.disconnect" or not self._is_open:
                return
            if event["type"] != "websocket.receive":
                continue
            frames += 1
            requests.bind(f"{number}.{frames}")
            frame = _read(event.get("text"))
            if not limits.is_within(f"frames:{self.user_id}", times=MOST_FRAMES, seconds=FRAMES_SECONDS):
                await self._refuse(frame or {}, _in(self.language, "flood"), is_final=False)
                await asyncio.sleep(2)
            elif frame is None:
                await self._refuse({}, _in(self.language, "garbage"))
            else:
                await self._answer(hub, frame)

    async def _answer(self, hub: Hub, frame: Mapping[str, Any]) -> None:
        kind = frame.get("type")
        if kind == "received":
            if type(frame.get("bytes")) is int:
                self._acknowledged_bytes = min(max(frame["bytes"], self._acknowledged_bytes), self._sent_bytes)
            return
        if kind == "ping":
            await self._put(PONG)
            return
        if kind == "subscribe":
            await self._subscribe(hub, frame)
            return
        if kind == "sign":
            signs.give(hub, self, frame)
            return
        if not isinstance(kind, str) or not (kind in hub.writers or kind in streams.handlers):
            await self._refuse(frame, _in(self.language, "garbage"))
            return
        answer = await self._call(hub, kind, frame)
        if answer:
            await self.send_text(json.dumps(dict(answer)))

    async def _subscribe(self, hub: Hub, frame: Mapping[str, Any]) -> None:
        if "as" in frame and not is_page_of(self.user_id, frame["as"]):
            # Somebody else has signed in to this browser since the page was made: what waits there is not theirs.
            await self._send_close(SIGNED_OUT)
            return
        kind = frame.get("stream")
        ask = streams.subscriptions.get(kind) if isinstance(kind, str) and _is_plain(frame) else None
        try:
            while ask and self._is_open and self._has_room_for(frame):
                asked_in = self._generation
                subscription = await self._in_thread(ask, frame)
                if subscription is None:
                    break
                if asked_in != self._generation:  # a right ended while we asked: this yes may be of yesterday
                    continue
                if frame not in self._subscribed:
                    self._subscribed.append(frame)
                hub.subscribe(self, dict(subscription.streams))
                await signs.allow(hub, self, self.signs | dict(subscription.signs))
                answer = await self._in_thread(partial(_answer_of, subscription), frame)
                await self.send_text(json.dumps({"type": "subscribed", "stream": kind, **answer}))
                return
            reason = _in(self.language, "unknown")
        except streams.Refused as refusal:
            reason = str(refusal)
        except Exception:
            # A page that hears half of what it asked for would not know; one that is cut off comes again.
            logger.exception("A stream of kind %r could not be subscribed.", str(kind)[:40])
            await self._send_close(BROKEN)
            return
        await self._refuse(frame, reason)

    def _has_room_for(self, frame: Mapping[str, Any]) -> bool:
        """Every subscription is asked for again and again, as long as the socket lives; a page has two or three."""
        if frame in self._subscribed:
            return True
        return len(self.streams) < MOST_STREAMS and len(self._subscribed) < MOST_SUBSCRIPTIONS

    async def _call(self, hub: Hub, kind: str, frame: Mapping[str, Any]) -> Any:
        """What a handler answers. None: nothing to say, or refused or failed, and said."""
        try:
            if kind not in hub.writers:
                return await self._in_thread(streams.handlers[kind], frame)
            answer = await hub.writers[kind].ask(streams.Asked(self.user_id, frame, self.language))
            if isinstance(answer, Mapping):
                return answer
            await self._refuse(frame, str(answer))
        except streams.Refused as refusal:
            await self._refuse(frame, str(refusal))
        except Exception:
            logger.exception("A frame of kind %r could not be handled.", kind[:40])
            await self._refuse(frame, _in(self.language, "broken"), is_final=False)
        return None

    async def _in_thread(self, ask: Any, frame: Mapping[str, Any]) -> Any:
        """Run an app's declared function in a thread, in the person's language."""
        async with self._turns:
            return await database_sync_to_async(self._in_language, thread_sensitive=False)(ask, frame)

    def _in_language(self, ask: Any, frame: Mapping[str, Any]) -> Any:
        with translation.override(self.language):
            return ask(self.user_id, frame)

    async def _refuse(self, frame: Mapping[str, Any], reason: str, is_final: bool = True) -> None:
        """Says what it was about, so that the page knows whom to tell: a message, or a stream it wanted to hear."""
        about = {name: frame[name] for name in ("client_id", "stream") if _is_word(frame.get(name))}
        await self.send_text(json.dumps({"type": "refused" if is_final else "failed", "reason": reason, **about}))

    # ---- what the hub calls ----

    async def send_text(self, text: str) -> None:
        if not self._is_open:
            return
        self._sent_bytes += len(text.encode())
        if self._sent_bytes - self._acknowledged_bytes > MOST_UNACKNOWLEDGED_BYTES:
            await self._send_close(TOO_SLOW)
            return
        await self._put(text)

    async def _put(self, text: str) -> None:
        with contextlib.suppress(Exception):  # the other end is gone: its disconnect follows
            await self._send({"type": "websocket.send", "text": text, "bytes": None})

    async def ask_again(self, ended_session: str = "") -> None:
        """Session first, then every subscription; one no closes the socket, and what a yes no longer names is gone."""
        self._generation += 1
        asked_in = self._generation
        if ended_session and ended_session == session_mark(self.session_key):
            await self._send_close(SIGNED_OUT)
            return
        person = await self._ask_person()
        if person is None or person.user_id != self.user_id:
            await self._send_close(SIGNED_OUT)
            return
        allowed: dict[str, int] = {}
        allowed_signs: dict[str, streams.Sign | streams.Here] = {}
        asked = 0
        while asked < len(self._subscribed):  # what is subscribed meanwhile is asked, too
            subscription = await self._ask_stream(self._subscribed[asked])
            if subscription is None:
                await self._send_close(NOT_ALLOWED)
                return
            allowed |= subscription.streams
            allowed_signs |= subscription.signs
            asked += 1
        # Asked once more meanwhile: that answer counts, whichever of the two comes last.
        if self._is_open and asked_in == self._generation:
            start_hub().keep_only(self, allowed)
            await signs.allow(start_hub(), self, allowed_signs)

    async def tell_again(self) -> None:
        """How far everything is that this page listens to."""
        for frame in list(self._subscribed):
            if self._is_open:
                await self._subscribe(start_hub(), frame)

    async def cut(self) -> None:
        """The page comes again, after a while."""
        await self._send_close(BROKEN)

    async def _ask_stream(self, frame: Mapping[str, Any]) -> streams.Subscription | None:
        ask = database_sync_to_async(streams.subscriptions[frame["stream"]], thread_sensitive=False)
        try:
            subscription: streams.Subscription | None = await ask(self.user_id, frame)
        except streams.Refused:
            return None
        return subscription

    async def _introduce(self) -> Person | None:
        """Who it is, and on which versions of rows all that is asked from now on rests (see realtime.sweep)."""
        asked_at = time.monotonic()
        person = await self._ask_person()
        if person is None:
            return None
        sweep, who = start_hub().sweep, (self.session_key, person.user_id)
        self.versions = sweep.known_of(who, asked_at)
        if not self.versions:
            self.versions = (await sweep.read([who]))[who]
            return await self._ask_person()  # what was said before they were read does not count
        return person

    async def _ask_person(self) -> Person | None:
        ask = database_sync_to_async(person_behind, thread_sensitive=False)
        person: Person | None = await ask(self.session_key, self._page_language)
        return person

    async def _send_close(self, code: int) -> None:
        self._is_open = False
        # Who signs out lingers as if they left: all of an account's places would else see the same moment.
        signs.leave(start_hub(), self, at_once=code == NOT_ALLOWED)
        with contextlib.suppress(Exception):
            await self._send({"type": "websocket.close", "code": code, "reason": ""})


def _answer_of(subscription: streams.Subscription, user_id: Any, frame: Mapping[str, Any]) -> Mapping[str, Any]:
    return subscription.answer()


def _is_plain(frame: Mapping[str, Any]) -> bool:
    """Whether a subscribing frame is worth remembering: it is kept for as long as the socket lives."""
    return len(frame) <= 5 and all(map(_is_word, frame.values()))


def _is_word(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 100


def _read(text: Any) -> dict[str, Any] | None:
    """A frame's object, or None for anything else: binary, garbage, too deep, too long."""
    if not isinstance(text, str) or len(text) > MOST_FRAME_BYTES:
        return None
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return frame if isinstance(frame, dict) else None


def _in(language: str, reason: str) -> str:
    with translation.override(language):
        return {
            "flood": _("That was a lot at once. Wait a moment, then go on."),
            "garbage": _("This page sent something Kreis does not understand. Reload it."),
            "unknown": _("There is nothing to see here"),
            "broken": _("Something broke on our side. We will try again."),
        }[reason]


async def page_socket(scope: WebSocketScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """ASGI application for `/live/`."""
    await PageSocket(scope, receive, send).run()
