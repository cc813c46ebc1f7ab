"""The address of an invitation, for commands: they know no request to ask for the host."""

DEFAULT_BASE = "http://localhost:8000"


def link_to_invitation(base: str, token: str) -> str:
    return f"{base.rstrip('/')}/i/{token}/"
