"""One's own picture: what is kept of what is given, who may see it, and what becomes of it."""

import io
import struct
import sys
import threading
import time
import zlib
from collections.abc import Hashable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from PIL import Image, ImageCms

from communities.actions import choose_picture, invite, rename_member
from communities.models import Community, Membership, Picture, Room
from communities.personal_data.memberships import Memberships, Pictures
from core import pictures
from core.personal_data import Keep
from core.pictures import LARGEST, PictureError, reencode
from messaging.actions import Draft, post_messages
from tests import factories
from tests.slow_pictures import jpeg_of_many_scans

RED, BLUE = (200, 30, 30), (30, 30, 200)


def drawn(kind: str = "PNG", size: tuple[int, int] = (300, 200), mode: str = "RGB", **options: Any) -> bytes:
    """The left half is red, the right half blue."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, size[0], size[1]))
    out = io.BytesIO()
    image.convert(mode).save(out, kind, **options)
    return out.getvalue()


def seen(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    assert image.format == "WEBP"
    return image.convert("RGB")


def is_near(color: Any, other: tuple[int, int, int]) -> bool:
    return all(abs(one - two) < 25 for one, two in zip(color, other, strict=True))


def signed_in(member: Membership) -> Client:
    client = Client()
    assert member.user is not None
    client.force_login(member.user)
    return client


def given(data: bytes | None = None, name: str = "Mel") -> dict[str, Any]:
    file = SimpleUploadedFile("me.png", drawn() if data is None else data)
    return {"display_name": name, "introduction": "New words", "picture": file}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_the_middle_becomes_a_small_square(kind: str) -> None:
    image = seen(reencode(drawn(kind, (1800, 1200))))
    assert image.size == (512, 512)
    assert is_near(image.getpixel((30, 256)), RED)
    assert is_near(image.getpixel((480, 256)), BLUE)
    assert seen(reencode(drawn(kind))).size == (200, 200), "nothing is blown up"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_mode_of_a_file_is_understood(mode: str) -> None:
    if mode == "I;16":
        out = io.BytesIO()
        Image.new("I;16", (40, 40), 40000).save(out, "PNG")
        assert seen(reencode(out.getvalue())).size == (40, 40)
        return
    assert seen(reencode(drawn("PNG", mode=mode))).size == (200, 200)


def test_printers_colours_are_understood() -> None:
    assert is_near(seen(reencode(drawn("JPEG", mode="CMYK"))).getpixel((20, 100)), RED)


def test_nothing_that_was_written_into_the_file_is_kept() -> None:
    exif = Image.Exif()
    exif[0x010F] = "secret camera"
    exif.get_ifd(0x8825)[2] = (48.0, 8.0, 11.0)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = drawn("JPEG", exif=exif.tobytes(), icc_profile=profile, comment=b"secret words")
    assert b"secret" in data
    kept = reencode(data)
    image = Image.open(io.BytesIO(kept))
    assert not image.getexif()
    assert not {"exif", "icc_profile", "xmp"} & set(image.info)
    assert kept.find(b"secret") < 0
    assert [name for name in (b"EXIF", b"ICCP", b"XMP ", b"VP8X") if kept.find(name) >= 0] == []


def test_what_lies_on_its_side_is_put_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: what is on the left belongs on top
    image = seen(reencode(drawn("JPEG", (400, 400), exif=exif.tobytes())))
    assert is_near(image.getpixel((200, 20)), RED)
    assert is_near(image.getpixel((200, 380)), BLUE)


def test_what_is_seen_through_stands_on_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(out, "PNG")
    assert is_near(seen(reencode(out.getvalue())).getpixel((25, 25)), (255, 255, 255))


def bomb(side: int) -> bytes:
    """Says that it is `side` wide and high, in few bytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "is_too_large"),
    [
        (b"", False),
        (b"no picture", False),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", False),
        (drawn("BMP"), False),
        (drawn("TIFF"), False),
        (drawn("PNG")[:200], False),
        (bomb(7000), True),
        (bomb(60000), True),
        (b"\0" * (LARGEST + 1), True),
    ],
    ids=["nothing", "words", "svg", "bmp", "tiff", "cut", "large", "bomb", "heavy"],
)
def test_what_cannot_be_shown_is_refused(data: bytes, is_too_large: bool) -> None:
    with pytest.raises(PictureError) as refusal:
        reencode(data)
    assert refusal.value.is_too_large == is_too_large


def refusal_of(data: bytes, whose: Hashable = None) -> PictureError:
    with pytest.raises(PictureError) as refusal:
        reencode(data, whose=whose)
    return refusal.value


def test_what_asks_too_much_of_the_processor_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "_PATIENCE", 60)  # here others may be using the processor
    refusal = refusal_of(jpeg_of_many_scans(200))
    assert (refusal.is_too_large, refusal.is_busy) == (True, False)


def test_what_is_not_done_in_time_may_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "_PATIENCE", 0.01)
    for _time in range(3):  # each leaves its place to the next
        refusal = refusal_of(drawn())
        assert (refusal.is_too_large, refusal.is_busy) == (False, True)


def test_where_no_process_can_be_started_it_may_be_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/nowhere/python")
        for _time in range(3):
            assert refusal_of(drawn()).is_busy
    assert "could not be started" in caplog.text
    reencode(drawn())


class Slow:
    """A picture that is being drawn, for some seconds."""

    def __init__(self, whose: Hashable) -> None:
        self._thread = threading.Thread(target=refusal_of, args=(jpeg_of_many_scans(200), whose))
        self._whose = whose

    def __enter__(self) -> None:
        self._thread.start()
        while self._whose not in pictures._drawing:
            time.sleep(0.01)

    def __exit__(self, *error: object) -> None:
        self._thread.join()


def test_nobody_waits_long_for_the_pictures_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "_QUEUE_PATIENCE", 0.1)
    with Slow("one"):
        assert refusal_of(drawn(), "one").is_busy, "one at a time of each"
        reencode(drawn(), whose="two")
        with Slow("two"):
            began = time.monotonic()
            assert refusal_of(drawn(), "three").is_busy
            assert time.monotonic() - began < 1
    reencode(drawn(), whose="one")


def test_a_second_click_waits_for_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "_QUEUE_PATIENCE", 60)
    with Slow("one"):
        reencode(drawn(), whose="one")


@pytest.mark.django_db(transaction=True)
def test_who_has_a_picture_drawn_holds_no_connection(circle: Community) -> None:
    connection.ensure_connection()
    reencode(drawn())
    assert connection.connection is None
    assert Community.objects.get() == circle


@pytest.mark.django_db
def test_where_too_many_are_drawn_it_is_said_beside_the_field(
    circle: Community, mel: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "_QUEUE_PATIENCE", 0.1)
    with Slow(mel.pk):
        answer = signed_in(mel).post(f"/c/{circle.slug}/me/", given(name="Melanie"))
    assert answer.status_code == 429
    page = answer.content.decode()
    assert "Too many pictures are being drawn right now." in page
    assert "New words" in page
    mel.refresh_from_db()
    assert (mel.display_name, mel.picture) == ("Mel", None)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["Ada", "M"], ids=["taken", "short"])
def test_with_a_wrong_name_no_picture_is_drawn_and_none_counted(
    circle: Community, ada: Membership, mel: Membership, name: str
) -> None:
    client, url = signed_in(mel), f"/c/{circle.slug}/me/"
    for _time in range(13):
        answer = client.post(url, given(b"no picture", name))
        assert answer.status_code == 422
        assert "cannot be shown as a picture" not in answer.content.decode()
    assert client.post(url, given()).status_code == 302


@pytest.mark.django_db
def test_who_was_banned_meanwhile_shows_nothing_any_more(bert: Membership, mel: Membership) -> None:
    webp = reencode(drawn())
    for member in (bert, mel):
        choose_picture(member=member, webp=webp)
    bert.refresh_from_db()
    mel.refresh_from_db()
    assert bert.picture is None
    assert mel.picture is not None
    assert Picture.objects.count() == 1


@pytest.mark.django_db
def test_who_was_banned_meanwhile_is_called_as_before(bert: Membership, mel: Membership) -> None:
    rename_member(member=bert, display_name="Bertram", introduction="Back again")
    rename_member(member=mel, display_name="Melanie", introduction="Still here")
    bert.refresh_from_db()
    mel.refresh_from_db()
    assert (bert.display_name, bert.introduction) == ("Bert", "")
    assert (mel.display_name, mel.introduction) == ("Melanie", "Still here")


@pytest.mark.django_db
def test_a_picture_is_chosen_changed_and_removed(circle: Community, mel: Membership) -> None:
    client, url = signed_in(mel), f"/c/{circle.slug}/me/"
    assert client.post(url, given())["Location"] == f"/c/{circle.slug}/me/"
    mel.refresh_from_db()
    first, version = mel.picture_id, mel.profile_version
    assert f'src="/pictures/{first}/"' in client.get(f"/c/{circle.slug}/me/").content.decode()
    answer = client.get(f"/pictures/{first}/")
    assert answer["Content-Type"] == "image/webp"
    assert seen(answer.content).size == (200, 200)
    client.post(url, given())
    mel.refresh_from_db()
    assert mel.picture_id not in (None, first)
    assert mel.profile_version == version + 1
    assert client.get(f"/pictures/{first}/").status_code == 404
    assert Picture.objects.count() == 1
    client.post(url, {"display_name": "Mel", "removes_picture": "on"})
    mel.refresh_from_db()
    assert mel.picture is None
    assert not Picture.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("files", "words"),
    [
        (given(b""), "This file is empty."),
        (given(b"no picture"), "This file cannot be shown as a picture."),
        (given(bomb(60000)), "This picture is too large"),
    ],
    ids=["empty", "unreadable", "bomb"],
)
def test_what_is_wrong_is_said_beside_the_field(
    circle: Community, mel: Membership, files: dict[str, Any], words: str
) -> None:
    choose_picture(member=mel, webp=reencode(drawn()))
    files["picture"].seek(0)
    answer = signed_in(mel).post(f"/c/{circle.slug}/me/", files)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "New words" in answer.content.decode()
    mel.refresh_from_db()
    assert mel.picture is not None, "the one before stays"


@pytest.mark.django_db
def test_many_at_once_are_too_many(circle: Community, mel: Membership) -> None:
    client = signed_in(mel)
    answers = [client.post(f"/c/{circle.slug}/me/", given(b"no")) for _time in range(13)]
    assert [answer.status_code for answer in answers] == [422] * 12 + [429]
    assert answers[-1]["Retry-After"] == "600"


@pytest.mark.django_db
def test_the_face_stands_at_old_messages_too(ada: Membership, mel: Membership, hall: Room) -> None:
    import uuid

    post_messages([Draft(mel, hall, uuid.uuid4(), "hello")])
    client = signed_in(ada)
    assert "/pictures/" not in client.get(hall.get_absolute_url()).content.decode()
    choose_picture(member=mel, webp=reencode(drawn()))
    assert client.get(hall.get_absolute_url()).content.decode().count(f"/pictures/{mel.picture_id}/") >= 1
    choose_picture(member=mel, webp=None)
    assert "/pictures/" not in client.get(hall.get_absolute_url()).content.decode()


@pytest.mark.django_db
def test_the_copy_has_it_and_erasing_takes_it(mel: Membership, ada: Membership) -> None:
    choose_picture(member=mel, webp=reencode(drawn()))
    choose_picture(member=ada, webp=reencode(drawn()))
    copy = list(Pictures().export(mel.user))  # type: ignore[arg-type]
    assert [path for path, _what in copy] == [f"pictures/{mel.picture_id}"]
    for declared in (Memberships(), Pictures()):
        declared.erase(mel, Keep.DELETE)
    mel.refresh_from_db()
    assert mel.picture is None
    assert list(Picture.objects.values_list("pk", flat=True)) == [ada.picture_id]


@pytest.mark.django_db
def test_in_another_community_one_has_another_face(circle: Community, mel: Membership) -> None:
    """Nobody can connect the two by it."""
    harbour = factories.community("harbour")
    there, other = factories.member(harbour, "Someone", user=mel.user), factories.member(harbour, "Other")
    choose_picture(member=mel, webp=reencode(drawn()))
    there.refresh_from_db()
    assert there.picture is None
    assert signed_in(other).get(f"/pictures/{mel.picture_id}/").status_code == 404
    assert signed_in(there).get(f"/pictures/{mel.picture_id}/").status_code == 200


@pytest.mark.django_db
def test_who_is_only_invited_sees_no_face_and_learns_no_address_of_one(
    circle: Community, ada: Membership, client: Client
) -> None:
    choose_picture(member=ada, webp=reencode(drawn()))
    token = invite(community=circle, inviter=ada, shows_inviter=True)[1]
    page = client.get(f"/i/{token}/").content.decode()
    assert ada.display_name in page
    assert "/pictures/" not in page
