"""What becomes of the names and the contents of files before they are stored."""

from __future__ import annotations

from io import BytesIO

import pytest

from kanban_sdk.wire import limits
from kanban_server.rules.files.binary import MalformedImage
from kanban_server.rules.files.media_types import detect_media_type
from kanban_server.rules.files.names import safe_name, unused_name
from kanban_server.rules.files.pictures import strip_picture
from tests.support.pictures import FORMATS, SECRET_PLACE, decode, picture


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("shot.png", "shot.png"),
        ("Ein Bild – 1.png", "Ein Bild – 1.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.txt", "a.txt"),
        ("a/..", "file"),
        ("..", "file"),
        (".bashrc", "bashrc"),
        ("a\x00\x1b[31m.txt", "a[31m.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("zero\u200bwidth.txt", "zerowidth.txt"),
        ("two\nlines.txt", "two lines.txt"),
        ('a<b>:"|?*.txt', "a_b______.txt"),
        ("CON", "_CON"),
        ("nul.tar.gz", "_nul.tar.gz"),
        ("   ", "file"),
        ("e\u0301.txt", "é.txt"),
        ("日本.png", "日本.png"),
    ],
)
def test_a_name_is_safe_on_every_file_system(sent: str, stored: str) -> None:
    assert safe_name(sent) == stored
    assert safe_name(stored) == stored, "a safe name stays as it is"


@pytest.mark.parametrize("character", ["x", "日", "👩‍👩‍👧"])
def test_a_long_name_is_cut_before_its_extension(character: str) -> None:
    name = safe_name(character * 10_000 + ".png")
    assert name.endswith(".png")
    assert len(name) <= limits.FILE_NAME_CHARACTERS
    assert len(name.encode()) <= 200
    numbered = unused_name(name, [name])
    assert numbered.endswith("-2.png")
    assert len(numbered) <= limits.FILE_NAME_CHARACTERS
    assert len(numbered.encode()) <= 200


def test_a_name_that_is_taken_gets_the_first_free_number() -> None:
    assert unused_name("a.png", []) == "a.png"
    assert unused_name("a.png", ["A.PNG", "a-2.png"]) == "a-3.png"
    assert unused_name("README", ["readme"]) == "README-2"


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"\x89PNG\r\n\x1a\n...", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a..", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"%PDF-1.7", "application/pdf"),
        (b"plain text, <b> included", "text/plain"),
        ("Grüße".encode(), "text/plain"),
        (("ü" * 4096).encode()[:4096], "text/plain"),
        (b"", "text/plain"),
        (b"<!doctype html><p>", "text/html"),
        (b"  \n<HTML>", "text/html"),
        (b"GIF<script>alert(1)</script>", "text/html"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><svg xmlns=''>", "image/svg+xml"),
        (b"<!-- x --><svg onload=alert(1)>", "image/svg+xml"),
        (b"\x00\x01\x02", "application/octet-stream"),
        (b"\xff\xfe<\0s\0v\0g\0", "application/octet-stream"),
    ],
)
def test_a_type_is_detected_in_the_content(head: bytes, media_type: str) -> None:
    assert detect_media_type(head) == media_type


@pytest.mark.parametrize("kind", FORMATS)
def test_a_picture_loses_its_metadata_and_nothing_else(kind: str) -> None:
    content = picture(kind, 61, 43, frames=3)
    assert SECRET_PLACE.encode() in content
    target = BytesIO()
    behind = b"" if kind == "webp" else SECRET_PLACE.encode()  # a WebP file says how long it is
    size = strip_picture(BytesIO(content + behind), target, f"image/{kind}")
    assert size == (61, 43)
    stripped = target.getvalue()
    assert SECRET_PLACE.encode() not in stripped
    before, after = decode(content), decode(stripped)
    assert after.tobytes() == before.tobytes()
    assert after.getexif() == {}
    assert getattr(after, "n_frames", 1) == (3 if kind == "gif" else 1)
    again = BytesIO()
    strip_picture(BytesIO(stripped), again, f"image/{kind}")
    assert again.getvalue() == stripped, "there is nothing more to leave out"


def test_a_jpeg_keeps_its_orientation() -> None:
    target = BytesIO()
    strip_picture(BytesIO(picture("jpeg", orientation=6)), target, "image/jpeg")
    assert dict(decode(target.getvalue()).getexif()) == {0x0112: 6}


@pytest.mark.parametrize("kind", FORMATS)
def test_a_picture_that_ends_early_is_none(kind: str) -> None:
    content = picture(kind)
    for length in {*range(8, len(content) - 2, 7), len(content) // 2}:
        with pytest.raises(MalformedImage):
            strip_picture(BytesIO(content[:length]), BytesIO(), f"image/{kind}")
