"""Facts about messages, sent after commit; they carry ids."""

from django.dispatch import Signal

#: message_ids: ids of new messages, once per batch.
message_posted = Signal()
