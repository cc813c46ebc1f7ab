"""A program of its own: a picture from a stranger comes in, a small plain one goes out. Run by `core.pictures`.

Pictures are decoded by C code that has had its holes. It runs apart, without this site's settings, and is confined
before the first byte of the picture comes in (`confine`), so that a picture made to harm harms this process only.
"""

import errno
import io
import os
import resource
import struct
import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

#: Units: bytes. 100 megapixels of JPEG in many scans are 640 MB, 40 of WebP 660 MB; a phone's JPEG is 60 MB.
MEMORY = 768 * 1024 * 1024
#: Units: seconds of the processor. The dearest that was measured took 2.
TIME = 3
MOST_PIXELS = 40_000_000
#: A JPEG is made smaller while it is decoded, and phones make them of 50 megapixels and more.
MOST_PIXELS_OF_JPEG = 101_000_000
#: Each goes through the whole picture and may be a few bytes long. Programs write ten; what is no scan but looks like
#: one, such as the film that some phones put behind the picture, adds 160 in 10 MB.
MOST_SCANS = 250
#: Units: pixels. Four times the largest place where a face is shown.
SIDE = 512

TOO_LARGE, UNREADABLE = 3, 4

LOADED_LATE = (
    "copy",
    "ctypes",
    "PIL.ImageChops",
    "PIL.ImageCms",
    "PIL.ImageColor",
    "PIL.ImageOps",
    "PIL.MpoImagePlugin",
    "PIL.TiffImagePlugin",
    "PIL.WebPImagePlugin",
)

#: Linux's names of processors, each with its mark and its numbers of the calls that are left: read, write, close,
#: fstat, lseek; mmap, mprotect, munmap, brk, mremap, madvise; rt_sigaction, rt_sigprocmask, rt_sigreturn; futex,
#: clock_gettime, getrandom, exit, exit_group. Source: linux/audit.h, asm/unistd.h.
CALLS_LEFT = {
    "x86_64": (0xC000003E, (0, 1, 3, 5, 8, 9, 10, 11, 12, 25, 28, 13, 14, 15, 202, 228, 318, 60, 231)),
    "aarch64": (0xC00000B7, (63, 64, 57, 80, 62, 222, 226, 215, 214, 216, 233, 134, 135, 139, 98, 113, 278, 93, 94)),
}


def load_decoders() -> None:
    """All that Pillow would load only when it needs it: later it could not."""
    for name in LOADED_LATE:
        import_module(name)
    import_module("PIL.Image").preinit()


def confine() -> None:
    """From here on this process has what it holds: no file or socket can be opened, no process started.

    It also has little memory and time, and others go first. These limits hold wherever Kreis runs, as long as it does
    not run as root, who may lift them. They leave what needs no opening, such as deleting a file or a signal to another
    process of the same account; Linux on usual processors refuses that too, also to root (`leave_few_calls`).
    """
    os.nice(5)
    resource.setrlimit(resource.RLIMIT_CPU, (TIME, TIME + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for limit in ("RLIMIT_NOFILE", "RLIMIT_NPROC", "RLIMIT_FSIZE", "RLIMIT_CORE"):
        resource.setrlimit(getattr(resource, limit), (0, 0))
    leave_few_calls()


def leave_few_calls() -> bool:
    """Have Linux refuse every call but those to hold memory, to read and write what is open, and to end (seccomp).

    Whether it does: not on other systems and processors, nor where a container forbids the asking.
    """
    import ctypes

    mark, calls = CALLS_LEFT.get(os.uname().machine, (0, ()))
    if sys.platform != "linux" or sys.maxsize < 2**32 or not calls:
        return False
    load, compare, answer = 0x20, 0x15, 0x06
    rules = [(load, 0, 0, 4), (compare, 0, len(calls) + 1, mark), (load, 0, 0, 0)]
    rules += [(compare, len(calls) - place, 0, call) for place, call in enumerate(calls)]
    rules += [(answer, 0, 0, 0x00050000 | errno.EPERM), (answer, 0, 0, 0x7FFF0000)]  # refused; allowed
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *rule) for rule in rules))
    filtering = ctypes.create_string_buffer(struct.pack("HP", len(rules), ctypes.addressof(program)))
    system, no = ctypes.CDLL(None), ctypes.c_ulong(0)
    no_new_privileges, seccomp = 38, 22
    if system.prctl(no_new_privileges, ctypes.c_ulong(1), no, no, no):
        return False
    return not system.prctl(seccomp, ctypes.c_ulong(2), filtering, no, no)


def check_size(image: "Image.Image", data: bytes) -> None:
    """Before anything is decoded."""
    is_jpeg = image.format in {"JPEG", "MPO"}
    if image.width * image.height > (MOST_PIXELS_OF_JPEG if is_jpeg else MOST_PIXELS):
        sys.exit(TOO_LARGE)
    if is_jpeg and data.count(b"\xff\xda") > MOST_SCANS:
        sys.exit(UNREADABLE)


def turn_of(image: "Image.Image") -> int:
    """How the camera was held, in Exif's numbers."""
    try:
        return int(image.getexif().get(0x0112, 1))
    except (SyntaxError, ValueError, TypeError, OSError):
        return 1  # notes that are none: it is taken as it lies


def in_srgb(image: "Image.Image", profile: bytes) -> "Image.Image":
    from PIL import ImageCms

    flat = image.convert("RGB") if image.mode == "RGBA" else image
    try:
        shown = ImageCms.profileToProfile(flat, io.BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return image  # a profile that is none: the colours are taken as they are
    if shown is None:  # only where a picture is changed in place
        return image
    if image.mode == "RGBA":
        shown.putalpha(image.getchannel("A"))
    return shown


def reencode(data: bytes) -> bytes:
    """The middle square as WebP, upright, in sRGB, and nothing that was written into the file besides."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS_OF_JPEG
    with Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "WEBP", "GIF"]) as image:
        check_size(image, data)
        image.draft("RGB", (2 * SIDE, 2 * SIDE))
        profile, turned = image.info.get("icc_profile"), turn_of(image)
        square = min(image.size)
        left, top = (image.width - square) // 2, (image.height - square) // 2
        middle = (left, top, left + square, top + square)
        plain = image if image.mode in {"RGB", "RGBA", "CMYK", "L"} else image.convert("RGBA")
        small = plain.resize((min(SIDE, square),) * 2, Image.Resampling.LANCZOS, middle)
    if profile:
        small = in_srgb(small, profile)
    # On a sheet of its own, which carries neither notes nor a place of taking nor a thumbnail.
    sheet = Image.new("RGB", small.size, "white")
    sheet.paste(small, mask=small if small.mode == "RGBA" else None)
    exif = Image.Exif()
    exif[0x0112] = turned
    sheet.info["exif"] = exif.tobytes()
    upright = ImageOps.exif_transpose(sheet)
    out = io.BytesIO()
    upright.save(out, "WEBP", quality=82, method=4, exif=b"", icc_profile=b"", xmp=b"")
    return out.getvalue()


if __name__ == "__main__":
    load_decoders()
    confine()
    try:
        sys.stdout.buffer.write(reencode(sys.stdin.buffer.read()))
    except Exception as error:  # whatever is wrong with it: it is no picture that can be shown
        sys.exit(TOO_LARGE if type(error).__name__ in {"DecompressionBombError", "MemoryError"} else UNREADABLE)
