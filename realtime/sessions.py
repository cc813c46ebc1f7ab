"""Whose socket is it? Asked from the session table, at the start and again and again."""

from collections.abc import Collection
from dataclasses import dataclass
from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation.trans_real import parse_accept_lang_header

from accounts.models import User

_VERSIONS = """
SELECT asked.key, asked.person, concat_ws('.', session.xmin, account.xmin)
FROM unnest(%s::text[], %s::text[]) AS asked (key, person)
JOIN accounts_session session ON session.session_key = asked.key AND session.expire_date > %s
JOIN accounts_user account ON account.id = asked.person::uuid
"""


@dataclass(frozen=True, slots=True)
class Person:
    user_id: str
    language: str


def person_behind(session_key: str, preferred_language: str) -> Person | None:
    """The signed-in account of a session, or None: signed out, expired, password changed, closed."""
    if not session_key:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = get_user(request)
    if not isinstance(user, User) or not user.is_active:
        return None
    return Person(str(user.pk), user.language or preferred_language)


def versions_of(sessions: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """For many sessions at once, as pairs of key and account: a text that changes with either; none, none.

    Whether the session is still good is for `person_behind` to say; this only says that it is as it was.
    """
    with connection.cursor() as cursor:
        cursor.execute(_VERSIONS, [*map(list, zip(*sessions, strict=True)), timezone.now()])
        return {(key, user_id): versions for key, user_id, versions in cursor.fetchall()}


def best_language(cookie: str, accepted: str) -> str:
    """The page's language for a socket: cookie, else the browser's wish, else the site's."""
    codes = {code for code, _name in settings.LANGUAGES}
    if cookie in codes:
        return cookie
    for wish, _quality in parse_accept_lang_header(accepted.lower()):
        if wish.split("-")[0] in codes:
            return str(wish.split("-")[0])
    return settings.LANGUAGE_CODE
