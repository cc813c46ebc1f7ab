"""What ends a session ends its sockets, too."""

from typing import Any

from allauth.account.signals import email_changed, password_changed, password_reset, password_set
from django.contrib.auth.signals import user_logged_out
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.signals import session_ended
from realtime.publish import revoke


@receiver([password_changed, password_set, password_reset, email_changed], dispatch_uid="realtime.ask_again")
def ask_again(user: Any = None, **kwargs: Any) -> None:
    """A new password ends other sessions: their sockets go with them."""
    if user is not None:
        transaction.on_commit(lambda: revoke(user.pk), robust=True)


@receiver(user_logged_out, dispatch_uid="realtime.cut_sockets")
def cut_sockets(request: HttpRequest | None = None, user: Any = None, **kwargs: Any) -> None:
    if user is None:
        return
    session = (request.session.session_key or "") if request else ""
    if request and session:
        # Told before Django deletes it; a page that came in between would have found it, and stayed.
        request.session.delete(session)
    transaction.on_commit(lambda: revoke(user.pk, ended_session=session), robust=True)


@receiver(session_ended, dispatch_uid="realtime.cut_sockets_of_session")
def cut_sockets_of_session(user_id: Any = None, session_key: str = "", **kwargs: Any) -> None:
    revoke(user_id, ended_session=session_key)
