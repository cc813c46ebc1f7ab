"""Facts about accounts. Sent after commit, with ids only."""

from django.dispatch import Signal

#: A session was ended on another device. Arguments: user_id, session_key (gone by now).
session_ended = Signal()
#: Sent inside the transaction that begins an account, with `begun`: what waits in the session for whoever signs up.
account_begun = Signal()
