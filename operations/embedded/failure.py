"""What stops a start is told in one sentence."""

import errno
import os
import re
from pathlib import Path

DISK_FULL = re.compile(r"no space left on device|disk quota exceeded|errno 28\b|os error 28\b", re.IGNORECASE)
TOO_LITTLE_BYTES = 4 * 1024 * 1024


class StartError(Exception):
    """A sentence for the person in front of the terminal; no traceback belongs to it."""


def explain(sentence: str, words: str, folder: Path) -> StartError:
    """The sentence, or the one about the full disk where that is it; `words` are what the program said."""
    if is_disk_full(words, folder):
        return StartError(f"The disk is full: there is no room left in {folder}. Free some and start again.")
    tail = "\n".join(words.strip().splitlines()[-12:])
    return StartError(f"{sentence}\n{tail}" if tail else sentence)


def explain_os_error(error: OSError, folder: Path) -> StartError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return explain("", os.strerror(error.errno), folder)
    return StartError(f"{error.filename or folder}: {error.strerror or error}.")


def is_disk_full(words: str, folder: Path) -> bool:
    """Also where nothing could be said of it: a full disk takes no log line either."""
    if DISK_FULL.search(words):
        return True
    try:
        space = os.statvfs(folder)
    except OSError:
        return False
    return space.f_bavail * space.f_frsize < TOO_LITTLE_BYTES
