"""What stands in links of mails: signed, each for one purpose. How long and how often one works, its row says."""

from django.core.signing import BadSignature, Signer


def ticket(purpose: str, words: str) -> str:
    """Shape: words.signature, in letters, digits, dots, hyphens and underscores."""
    return _signer(purpose).sign(words)


def opened(purpose: str, ticket: str) -> str:
    """The words of a ticket of ours; "" of anything else."""
    try:
        return _signer(purpose).unsign(ticket)
    except (BadSignature, UnicodeError):
        return ""


def _signer(purpose: str) -> Signer:
    return Signer(salt=f"mail:{purpose}", sep=".")
