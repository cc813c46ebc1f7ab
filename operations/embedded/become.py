"""Change into what a program shall run as, then be that program. Runs alone: `python -I -S become.py …`.

A script of its own instead of code between fork and exec, because the caller has threads, and a forked copy
of a threaded Python may stand still for ever.
"""

import argparse
import ctypes
import os
import signal
import struct
import sys

PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_SET_SECUREBITS = 28
SECBIT_NO_SETUID_FIXUP = 1 << 2
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAPABILITY_VERSION_3 = 0x20080522


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--account", help="UID:GID to change into")
    parser.add_argument("--keep", type=int, help="number of the one capability to keep over the change")
    parser.add_argument("--die-with", help="PARENT:SIGNAL to get when the parent dies")
    parser.add_argument("--folder", help="where to stand")
    parser.add_argument("--private", action="store_true", help="its files are its own")
    parser.add_argument("program", nargs="+")
    options = parser.parse_args(arguments)
    if options.account:
        uid, gid = map(int, options.account.split(":"))
        change_account(uid, gid, options.keep)
    if options.die_with:
        parent, number = map(int, options.die_with.split(":"))
        die_with(parent, number)
    if options.folder:
        os.chdir(options.folder)
    if options.private:
        os.umask(0o077)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and that would be inherited
    os.execv(options.program[0], options.program)  # noqa: S606  # nosec B606


def change_account(uid: int, gid: int, capability: int | None) -> None:
    """Give up root; one capability may stay, and be handed on to the program (ambient)."""
    if capability is not None:
        # Without these bits access(2), by which initdb looks for postgres, would not count the capability.
        prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP)
        prctl(PR_SET_KEEPCAPS, 1)
    os.setgroups([gid])
    os.setgid(gid)
    os.setuid(uid)
    if capability is not None:
        keep_only(capability)
        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability)


def keep_only(capability: int) -> None:
    """Shape: two triples of 32 bits (effective, permitted, inheritable), the low half first."""
    bit = 1 << capability
    header = struct.pack("=Ii", CAPABILITY_VERSION_3, 0)
    data = struct.pack("=6I", bit, bit, bit, 0, 0, 0)
    if ctypes.CDLL(None, use_errno=True).capset(header, data):
        raise OSError(ctypes.get_errno(), "capset")


def die_with(parent: int, number: int) -> None:
    """After the change of account, which clears this wish. Linux only: elsewhere the next start tidies up."""
    if sys.platform != "linux":
        return
    prctl(PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:  # it died before we could ask
        sys.exit(1)


def prctl(*numbers: int) -> None:
    arguments = [ctypes.c_ulong(number) for number in (*numbers, 0, 0, 0, 0)[:5]]
    if ctypes.CDLL(None, use_errno=True).prctl(*arguments):
        raise OSError(ctypes.get_errno(), "prctl")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except OSError as error:
        sys.exit(f"become: {error}")
