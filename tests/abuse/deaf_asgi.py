"""The site in a web process that soon takes silence for an end. Nothing else is different."""

from config.asgi import application
from realtime import wire

wire.HEADER_SECONDS = 3
wire.SILENT_SECONDS = 4

__all__ = ["application"]
