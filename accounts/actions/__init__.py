"""What can be done with an account, apart from what allauth does."""

from accounts.actions.account import change_language, change_theme, check_language, delete_unverified_accounts
from accounts.actions.addresses import note_address_change, undo_address_change
from accounts.actions.factors import (
    ask_factor_reset,
    cancel_factor_reset,
    cancel_pointless_reset,
    complete_due_resets,
    complete_factor_reset,
    reseal_app_secrets,
)
from accounts.actions.keeping import forget_what_is_old
from accounts.actions.operators import create_account, make_operator
from accounts.actions.sessions import end_other_sessions, end_session, shut_out

__all__ = [
    "ask_factor_reset",
    "cancel_factor_reset",
    "cancel_pointless_reset",
    "change_language",
    "change_theme",
    "check_language",
    "complete_due_resets",
    "complete_factor_reset",
    "create_account",
    "delete_unverified_accounts",
    "end_other_sessions",
    "end_session",
    "forget_what_is_old",
    "make_operator",
    "note_address_change",
    "reseal_app_secrets",
    "shut_out",
    "undo_address_change",
]
