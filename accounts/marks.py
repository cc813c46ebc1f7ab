"""Whose page is it? Said so that only the site can read it, and otherwise in each community.

A page that carried the account's id would show that two memberships are one person's to anybody who sees both.
"""

from django.core.signing import BadSignature, Signer


def page_mark(user_id: object, membership_id: object) -> str:
    """For the pages of one membership. As long as the site's key lives, it stays the same."""
    return _signer(user_id).sign(str(membership_id))


def is_page_of(user_id: object, mark: object) -> bool:
    """Whether a page with this mark was made for the account."""
    try:
        _signer(user_id).unsign(mark if isinstance(mark, str) else "")
    except (BadSignature, UnicodeError):  # half a character cannot be signed, either
        return False
    return True


def _signer(user_id: object) -> Signer:
    return Signer(salt=f"page:{user_id}")
