"""The program that draws pictures anew: what it can do to the machine it runs on, and what it understands there."""

import io
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from core import reencoding
from tests.slow_pictures import jpeg_of_many_scans

PROGRAM = Path(reencoding.__file__)

#: What a picture might make it do, with a file of the test's as `path`.
TRIES = {
    "read a file": "open(path).read()",
    "write a file": "open(path, 'w').write('mine')",
    "put a file in place of a pipe": "os.close(0); open(path)",
    "open a socket": "socket.socket()",
    "make a pipe": "os.pipe()",
}
#: What needs nothing to be opened: only where Linux filters calls.
MORE_TRIES = {
    "delete a file": "os.unlink(path)",
    "empty a file": "os.truncate(path, 0)",
    "rename a file": "os.rename(path, path + '.mine')",
    "look at a file": "os.stat(path)",
    "start a process": "os.posix_spawn('/bin/true', ['true'], {})",
    "become two": "os.fork() or os._exit(0)",
    "become another": "os.execv('/bin/true', ['true'])",
    "signal another": "os.kill(os.getppid(), 0)",
    "lift its limits": "resource.setrlimit(resource.RLIMIT_CPU, (1, 1))",
}
FILTERED = sys.platform == "linux" and os.uname().machine in reencoding.CALLS_LEFT


def tried(path: Path, how: str, *, confining: str) -> str:
    """What the program says when it has tried, confined like this: `done`, or the name of the error."""
    code = f"""
import importlib.util, os, resource, socket, sys
path = {str(path)!r}
spec = importlib.util.spec_from_file_location("reencoding", {str(PROGRAM)!r})
reencoding = importlib.util.module_from_spec(spec)
spec.loader.exec_module(reencoding)
reencoding.load_decoders()
{confining}
try:
    {how}
    word = b"done"
except OSError as error:
    word = type(error).__name__.encode()
except ValueError:
    word = b"refused"
os.write(1, word)
"""
    command = [sys.executable, "-I", "-c", code]
    run = subprocess.run(command, stdin=subprocess.PIPE, capture_output=True, check=False, env={}, timeout=60)
    return run.stdout.decode() or f"ended {run.returncode}"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text("secret")
    return path


@pytest.mark.parametrize("how", [*TRIES.values(), *MORE_TRIES.values()], ids=[*TRIES, *MORE_TRIES])
@pytest.mark.skipif(not FILTERED, reason="Calls are filtered on Linux only.")
def test_a_picture_that_takes_it_over_can_do_nothing(path: Path, how: str) -> None:
    assert tried(path, how, confining="reencoding.confine()") in {"OSError", "PermissionError", "refused"}
    assert path.read_text() == "secret"
    assert tried(path, how, confining="").startswith(("done", "ended 0")), "the try is one"


@pytest.mark.parametrize("how", TRIES.values(), ids=TRIES)
def test_where_no_calls_are_filtered_nothing_can_be_opened_either(path: Path, how: str) -> None:
    confining = "reencoding.CALLS_LEFT.clear(); reencoding.confine()"
    assert tried(path, how, confining=confining) == "OSError"
    assert path.read_text() == "secret"


def drawn_anew(data: bytes) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, "-I", str(PROGRAM)], input=data, capture_output=True, check=False, env={}, timeout=60
    )


def test_time_of_the_processor_is_short() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    assert drawn_anew(jpeg_of_many_scans(200)).returncode == -signal.SIGXCPU
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 5


def test_many_scans_are_too_many_before_any_is_decoded() -> None:
    assert drawn_anew(jpeg_of_many_scans(12)).returncode == 0
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    assert drawn_anew(jpeg_of_many_scans(300)).returncode == reencoding.UNREADABLE
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 1


JPEG, WEBP, PNG = "JPEG", "WEBP", "PNG"
IN_SCANS = {"progressive": True, "subsampling": 0}


@pytest.mark.parametrize(
    ("kind", "size", "options", "answer"),
    [
        (JPEG, (8192, 6144), {}, 0),
        (JPEG, (11600, 8700), {}, 0),
        (JPEG, (11600, 8700), IN_SCANS, 0),
        (JPEG, (65000, 1500), {}, 0),
        (JPEG, (12000, 9000), {}, reencoding.TOO_LARGE),
        (PNG, (7200, 5500), {}, 0),
        (PNG, (8192, 6144), {}, reencoding.TOO_LARGE),
        (WEBP, (7200, 5500), {"method": 0}, 0),
        (WEBP, (8192, 6144), {"method": 0}, reencoding.TOO_LARGE),
    ],
    ids=["phone", "100", "100 in scans", "100 in a row", "108", "png 40", "png 50", "webp 40", "webp 50"],
)
def test_how_large_it_may_be(kind: str, size: tuple[int, int], options: dict[str, Any], answer: int) -> None:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **options)
    assert drawn_anew(out.getvalue()).returncode == answer


def unusual() -> dict[str, bytes]:
    """What Pillow loads further parts of itself for."""
    image, made = Image.new("RGB", (40, 30), "teal"), {}

    def save(name: str, shown: Image.Image, kind: str, **options: Any) -> None:
        out = io.BytesIO()
        shown.save(out, kind, **options)
        made[name] = out.getvalue()

    more: dict[str, Any] = {"save_all": True, "append_images": [image.rotate(180)]}
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[2] = (48.0, 8.0, 11.0)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    texts = PngImagePlugin.PngInfo()
    texts.add_itxt("XML:com.adobe.xmp", "<x/>", "de", zip=True)
    for kind in ("JPEG", "PNG", "WEBP"):
        save(f"{kind} with everything", image, kind, exif=exif, icc_profile=profile, xmp=b"<x/>")
        save(f"{kind} with nonsense", image, kind, exif=b"Exif\0\0no", icc_profile=b"no")
    for kind in ("MPO", "GIF", "PNG", "WEBP"):
        save(f"{kind} of two", image, kind, **more)
    save("GIF seen through", image.convert("P"), "GIF", transparency=0)
    save("PNG seen through", image.convert("P"), "PNG", transparency=b"\0\x80")
    save("PNG with texts", image, "PNG", pnginfo=texts)
    save("WEBP without loss", image.convert("RGBA"), "WEBP", lossless=True)
    save("JPEG in grey", image.convert("L"), "JPEG", exif=exif)
    return made


@pytest.mark.parametrize("data", unusual().values(), ids=unusual())
def test_what_is_unusual_is_understood_where_nothing_can_be_loaded(data: bytes) -> None:
    run = drawn_anew(data)
    assert (run.returncode, run.stderr) == (0, b"")
    assert Image.open(io.BytesIO(run.stdout)).format == "WEBP"
