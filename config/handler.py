"""Pages over ASGI, each in one thread from its first middleware to its last."""

from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core import walls


class PagesHandler(ASGIHandler):
    """All our middleware and views are synchronous.

    Django would run what can be asynchronous on the loop and hop into the thread and back for each middleware, twenty
    times a page; here there is one hop there and one back.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    def create_request(self, scope: Any, body_file: Any) -> tuple[Any, Any]:
        """What is no request never comes to the middleware."""
        request, refusal = super().create_request(scope, body_file)
        if refusal is not None:
            for name, value in walls.of_server():
                refusal[name] = value
        return request, refusal

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        answer: Any = await sync_to_async(self.get_response, thread_sensitive=True)(request)
        return answer  # type: ignore[no-any-return]
