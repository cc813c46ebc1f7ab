"""The site in a web process that loses its patience after seconds instead of minutes. Nothing else is different.

It also has a kind of frame that only holds a thread, as a slow question to the database would.
"""

import time
from collections.abc import Mapping
from typing import Any

from config.asgi import application
from core import streams
from realtime import bodies, sweep, wire

# What is cut at once must not pass because somebody looks every three seconds.
sweep.ASK_AGAIN_SECONDS_WITHOUT_BUS = 60
wire.HEADER_SECONDS = 3
bodies.BODY_SECONDS = 3


@streams.handler("dawdle")
def dawdle(user_id: Any, frame: Mapping[str, Any]) -> Mapping[str, Any]:
    time.sleep(1)
    return {"type": "dawdled"}


__all__ = ["application"]
