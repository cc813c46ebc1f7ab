"""A web process that is in a hurry: what takes a minute otherwise takes a second. Nothing else is different."""

from config.asgi import application
from realtime import bus, sweep

sweep.ASK_AGAIN_SECONDS = 1
sweep.ASK_AGAIN_SECONDS_WITHOUT_BUS = 1
bus.HEARTBEAT_SECONDS = 1
bus.SILENT_AFTER_SECONDS = 3

__all__ = ["application"]
