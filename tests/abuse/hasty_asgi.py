"""The site in a web process that loses its patience after seconds instead of minutes. Nothing else is different."""

from config.asgi import application
from realtime import wire

wire.HEADER_SECONDS = 3

__all__ = ["application"]
