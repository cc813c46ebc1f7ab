"""The use cases of a room: the only place that writes messages and read marks."""

from messaging.actions.changing import delete_message, edit_message
from messaging.actions.posting import Draft, Outcome, Refusal, post_messages, tidy_text
from messaging.actions.reading import mark_all_read, mark_read

__all__ = [
    "Draft",
    "Outcome",
    "Refusal",
    "delete_message",
    "edit_message",
    "mark_all_read",
    "mark_read",
    "post_messages",
    "tidy_text",
]
