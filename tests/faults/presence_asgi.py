"""A web process whose people come into sight at once, and go as late as the test wants: chance takes too long."""

import os

from config.asgi import application
from realtime import presence, shared_presence

presence.TICK_SECONDS = 0.2
presence.COMING_SHOWS_AFTER_SECONDS = (0.1, 0.3)
presence.GOING_SHOWS_AFTER_SECONDS = (float(os.environ["GOING_SHOWS_AFTER"]),) * 2
presence.OTHERS_FADE_AFTER_SECONDS = 3
shared_presence.LIFE_SECONDS = 4
shared_presence.RENEW_SECONDS = 1

__all__ = ["application"]
