"""A short folder for the sockets: their paths may have about 100 bytes, a clone may lie deeper than that."""

import os
import re
import shutil
import stat
import tempfile
from pathlib import Path

from operations.embedded.account import Account
from operations.embedded.failure import StartError

COMMON = "/tmp"  # noqa: S108  # nosec B108
MAX_SOCKET_PATH_BYTES = 100
LONGEST_NAME = ".s.PGSQL.5432.lock"
OURS = re.compile(r"kreis-[a-z0-9_]{8}")


def make_socket_folder(account: Account) -> Path:
    """A new folder of a random name that only the servers' account may enter: nobody can have laid it out."""
    for place in (COMMON, tempfile.gettempdir(), os.environ.get("XDG_RUNTIME_DIR", "")):
        if place and len(os.fsencode(place)) + len(f"/kreis-12345678/{LONGEST_NAME}") <= MAX_SOCKET_PATH_BYTES:
            try:
                folder = Path(tempfile.mkdtemp(prefix="kreis-", dir=place))
            except OSError:
                continue
            account.take(folder)
            return folder
    raise StartError("No folder for sockets can be made in /tmp: is it writable?")


def remove_socket_folder(folder: Path) -> None:
    """Only what is a folder of ours by name, kind and owner: the name may come from a file."""
    try:
        status = folder.lstat()
    except OSError:
        return
    is_ours = OURS.fullmatch(folder.name) and stat.S_ISDIR(status.st_mode)
    if is_ours and (os.geteuid() in {0, status.st_uid}):
        shutil.rmtree(folder, ignore_errors=True)
