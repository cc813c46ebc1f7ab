"""The web process: pages over HTTP, and the one WebSocket of a page."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("KREIS_DATABASE_POOL", "1")

import django

django.setup(set_prefix=False)

from config.handler import PagesHandler  # noqa: E402
from core import logs  # noqa: E402
from operations.checks import refuse_unsafe  # noqa: E402

logs.begin("web")
refuse_unsafe()

pages = PagesHandler()

# The apps must be ready before the consumers' modules are read.
from asgiref.typing import ASGI3Application  # noqa: E402

from realtime.routing import site  # noqa: E402

application: ASGI3Application = site(pages)

if "daphne.server" in sys.modules:
    from realtime import wire

    wire.bind()
