"""Facts about people in communities, sent after commit; they carry ids."""

from django.dispatch import Signal

#: membership_id
member_joined = Signal()
member_renamed = Signal()
member_removed = Signal()
