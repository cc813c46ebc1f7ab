"""Signing out ends the person's sockets, not only the page."""

from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from realtime.publish import revoke


@receiver(user_logged_out, dispatch_uid="realtime.cut_sockets")
def cut_sockets(request: HttpRequest | None = None, user: Any = None, **kwargs: Any) -> None:
    if user is None:
        return
    session = (request.session.session_key or "") if request else ""
    transaction.on_commit(lambda: revoke(user.pk, ended_session=session), robust=True)
