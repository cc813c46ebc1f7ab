"""Run a program with a small disk of its own in a folder: `python -I -S small_disk.py FOLDER MEGABYTES PROGRAM …`.

In a mount namespace of its own, and where we are not root in a user namespace too: nobody else sees the disk, and it is
gone with its last process. Ends with 77 where the system allows neither.
"""

import ctypes
import os
import sys
from pathlib import Path

CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
MS_REC, MS_PRIVATE = 0x4000, 0x40000
NOT_ALLOWED = 77

libc = ctypes.CDLL(None, use_errno=True)


def main(folder: str, megabytes: str, program: list[str]) -> None:
    uid, gid = os.getuid(), os.getgid()
    try:
        done(libc.unshare(CLONE_NEWNS | (0 if uid == 0 else CLONE_NEWUSER)))
        if uid != 0:
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
            Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
        done(libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None))
        options = f"size={megabytes}m,mode=0711".encode()
        done(libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", 0, options))
    except OSError as error:
        print(f"No disk can be mounted here: {error.strerror}.")
        sys.exit(NOT_ALLOWED)
    os.execv(program[0], program)


def done(result: int) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
