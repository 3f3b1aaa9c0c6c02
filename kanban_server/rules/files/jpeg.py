"""JPEG without metadata: only what is needed to show the picture is kept, and of EXIF the orientation."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kanban_server.rules.files.binary import COPY_BYTES, MalformedImage, Size, Source, Target, read_exactly

SOI, EOI, SOS, APP0, APP1, APP2, APP14, APP15, COM = 0xD8, 0xD9, 0xDA, 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE
FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""The markers of a frame header, which has the size."""
_MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])")
"""A marker in compressed data: neither an escaped byte nor a restart."""
_ORIENTATION_TAG = 0x0112
_EXIF = b"Exif\0\0"


def strip_jpeg(source: Source, target: Target) -> Size:
    """Copy the first picture of a file without its metadata, and without anything behind it.

    Raises MalformedImage.
    """
    if read_exactly(source, 2) != b"\xff\xd8":
        raise MalformedImage("no JPEG")
    target.write(b"\xff\xd8")
    size: Size | None = None
    markers = _Markers(source)
    for marker, segment in markers.segments(target):
        if marker in FRAMES:
            if len(segment) < 5:
                raise MalformedImage("a frame header is too short")
            size = Size(int.from_bytes(segment[3:5]), int.from_bytes(segment[1:3]))
        if (kept := _kept(marker, segment)) is not None:
            target.write(b"\xff" + bytes([marker]) + (len(kept) + 2).to_bytes(2) + kept)
    if size is None or not size.width or not size.height:
        raise MalformedImage("the picture has no size")
    target.write(b"\xff\xd9")
    return size


class _Markers:
    """The segments of a file, whose compressed data is copied as it is read."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._rest = b""

    def segments(self, target: Target) -> Iterator[tuple[int, bytes]]:
        """The segments until the end of the picture. Compressed data behind a segment is copied to the target."""
        marker = self._next_marker()
        while marker != EOI:
            length = int.from_bytes(self._read(2)) - 2
            if length < 0:
                raise MalformedImage("a segment has no length")
            yield marker, self._read(length)
            marker = self._copy_scan(target) if marker == SOS else self._next_marker()

    def _next_marker(self) -> int:
        if self._read(1) != b"\xff":
            raise MalformedImage("a segment has no marker")
        while (byte := self._read(1)) == b"\xff":
            pass
        return byte[0]

    def _copy_scan(self, target: Target) -> int:
        """Copy compressed data up to the next marker, and return that marker."""
        data = self._rest
        while True:
            match = _MARKER.search(data)
            if match is not None:
                target.write(data[: match.start()])
                self._rest = data[match.end() :]
                return match[1][0]
            held = len(data) - len(data.rstrip(b"\xff"))  # a marker may continue in the next block
            target.write(data[: len(data) - held])
            block = self._source.read(COPY_BYTES)
            if not block:
                raise MalformedImage("the picture has no end")
            data = data[len(data) - held :] + block

    def _read(self, size: int) -> bytes:
        data, self._rest = self._rest[:size], self._rest[size:]
        return data + read_exactly(self._source, size - len(data)) if len(data) < size else data


def _kept(marker: int, segment: bytes) -> bytes | None:
    """What is kept of a segment; None for nothing."""
    if marker == APP1:
        orientation = _orientation(segment)
        return _orientation_segment(orientation) if orientation is not None else None
    if marker == APP2 and not segment.startswith(b"ICC_PROFILE\0"):
        return None
    if marker == COM or (APP1 < marker <= APP15 and marker not in {APP2, APP14}):
        return None
    return segment


def _orientation(segment: bytes) -> int | None:
    """The orientation of an EXIF segment, if it is not the usual one."""
    if not segment.startswith(_EXIF):
        return None
    tiff = segment[len(_EXIF) :]
    order = {b"II": "little", b"MM": "big"}.get(tiff[:2])
    if order is None:
        return None
    big = order == "big"

    def number(offset: int, size: int) -> int:
        return int.from_bytes(tiff[offset : offset + size], "big" if big else "little")

    start = number(4, 4)
    for index in range(min(number(start, 2), 200)):
        entry = start + 2 + 12 * index
        if number(entry, 2) == _ORIENTATION_TAG:
            orientation = number(entry + 8, 2)
            return orientation if 2 <= orientation <= 8 else None
    return None


def _orientation_segment(orientation: int) -> bytes:
    """An EXIF segment with only the orientation."""
    entry = _ORIENTATION_TAG.to_bytes(2) + (3).to_bytes(2) + (1).to_bytes(4) + orientation.to_bytes(2) + b"\0\0"
    return _EXIF + b"MM\0*" + (8).to_bytes(4) + (1).to_bytes(2) + entry + b"\0\0\0\0"
