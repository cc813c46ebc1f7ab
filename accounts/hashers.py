"""How passwords are hashed: Argon2id, with memory that a small server has, and few at a time."""

import threading

from django.contrib.auth.hashers import Argon2PasswordHasher

#: At a time in one process: whoever sends many passwords at once waits, and does not fill the memory.
AT_ONCE = 3
_turns = threading.BoundedSemaphore(AT_ONCE)


class PasswordHasher(Argon2PasswordHasher):
    """46 MiB, once over, in one lane: OWASP's first choice. Django's own 100 MiB in eight lanes let two dozen sign-ins
    at once take 1.6 GB. Hashes by other numbers are read, and made anew when their owner signs in.
    """

    time_cost = 1
    memory_cost = 47104
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with _turns:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with _turns:
            return super().verify(password, encoded)
