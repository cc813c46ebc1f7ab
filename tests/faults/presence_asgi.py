"""A web process whose people come into sight at once, and go as late as the test wants: chance takes too long."""

import os

from config.asgi import application
from realtime import bus, presence, shared_presence, sweep

sweep.ASK_AGAIN_SECONDS_WITHOUT_BUS = 1
bus.HEARTBEAT_SECONDS = 1
bus.SILENT_AFTER_SECONDS = 3
presence.TICK_SECONDS = 0.2
presence.COMING_SHOWS_AFTER_SECONDS = (0.1, 0.3)
presence.GOING_SHOWS_AFTER_SECONDS = (float(os.environ["GOING_SHOWS_AFTER"]),) * 2
presence.OTHERS_FADE_AFTER_SECONDS = 3
shared_presence.LIFE_SECONDS = 4
shared_presence.RENEW_SECONDS = 1

__all__ = ["application"]
