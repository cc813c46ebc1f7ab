"""A program of its own: a picture from a stranger comes in, a small plain one goes out.

Pictures are decoded by C code that has had its holes. It runs apart, with little memory and time and without this
site's settings, database or sockets, so that a picture made to harm harms this process only. Run by `core.pictures`.
"""

import io
import resource
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

#: Units: bytes. A picture of 40 megapixels with transparency is 160 MB, and is held twice.
MEMORY = 768 * 1024 * 1024
#: Units: seconds of the processor.
TIME = 8
MOST_PIXELS = 40_000_000
#: Units: pixels. Four times the largest place where a face is shown.
SIDE = 512

TOO_LARGE, UNREADABLE = 3, 4


def confine() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (TIME, TIME))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


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

    with Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "WEBP", "GIF"]) as image:
        if image.width * image.height > MOST_PIXELS:
            sys.exit(TOO_LARGE)
        image.draft("RGB", (2 * SIDE, 2 * SIDE))
        profile, turned = image.info.get("icc_profile"), image.getexif().get(0x0112, 1)
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
    confine()
    try:
        sys.stdout.buffer.write(reencode(sys.stdin.buffer.read()))
    except Exception as error:  # whatever is wrong with it: it is no picture that can be shown
        sys.exit(TOO_LARGE if type(error).__name__ == "DecompressionBombError" else UNREADABLE)
