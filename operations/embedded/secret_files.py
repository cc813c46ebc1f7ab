"""Keys and passwords in `var/secrets/`, made at first start, readable by their owner only."""

import os
import secrets
from pathlib import Path


def read_or_make(folder: Path, name: str) -> str:
    """The secret of that name. An empty file (a full disk, a power cut) counts as none."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / name
    if path.exists() and (secret := path.read_text().strip()):
        return secret
    secret = secrets.token_urlsafe(48)
    draft = folder / f".{name}.new"
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    return secret
