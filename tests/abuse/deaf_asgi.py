"""The site in a web process that soon takes silence for an end. Nothing else is different."""

from config.asgi import application
from realtime import wire

wire.HEADER_SECONDS = 3
wire.QUIET_SECONDS, wire.SILENT_SECONDS, wire.LOOKS_PAUSE_SECONDS = 2, 6, 0

__all__ = ["application"]
