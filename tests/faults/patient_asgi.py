"""A web process whose bus may take a minute: whoever waited for Redis would be seen to wait."""

from config.asgi import application
from realtime import hub, publish

hub.SEND_SECONDS = 60
publish.SEND_SECONDS = 60  # type: ignore[attr-defined]  # imported there by name

__all__ = ["application"]
