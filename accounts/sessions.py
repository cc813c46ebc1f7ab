"""Sessions in the database, under keys that it can hold."""

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions


class SessionStore(DatabaseSessions):
    """A cookie holds whatever somebody wrote into it. What is no key of ours is none, and the database is not asked:
    over a NUL it would raise, and every page would be an error for as long as that cookie stays.
    """

    def _validate_session_key(self, key: str | None) -> bool:
        return key is not None and key.isascii() and key.isalnum() and 8 <= len(key) <= 40
