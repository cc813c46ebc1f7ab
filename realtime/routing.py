"""From the server's protocols to pages and the socket."""

from typing import Any

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope

from core import requests
from core.addresses import address_of
from realtime.consumers import page_socket
from realtime.door import asking
from realtime.hub import start_hub

PATH = "/live/"


def site(pages: Any) -> ASGI3Application:
    """The whole site: pages over HTTP, one socket path, everything else refused without a word."""

    async def application(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] == "http":
            start_hub()  # a post by form must find the hub before the first socket opens
            await pages(scope, receive, send)
        elif scope["type"] == "websocket":
            requests.bind(requests.new_number())  # each socket is a task of its own, so nobody else's lines bear it
            request = asking(scope) if scope["path"] == PATH else None
            if request is None:
                await _refuse(receive, send)
            else:
                more: Any = {"cookies": request.COOKIES, "network": address_of(request)}
                await page_socket({**scope, **more}, receive, send)

    return application


async def _refuse(receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 1000, "reason": ""})
