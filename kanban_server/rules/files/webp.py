"""WebP without metadata: its EXIF and XMP chunks are left out."""

from __future__ import annotations

from collections.abc import Iterator

from kanban_server.rules.files.binary import MalformedImage, Size, Source, Target, copy, read_exactly

EXIF_FLAG, XMP_FLAG = 0x08, 0x04
KEPT = frozenset({b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})


def strip_webp(source: Source, target: Target) -> Size:
    """Copy a picture without its metadata, and without anything behind it. Raises MalformedImage."""
    total, size = _measure(source)
    source.seek(12)
    target.write(b"RIFF" + (total + 4).to_bytes(4, "little") + b"WEBP")
    for kind, length in _chunks(source):
        kept = target if kind in KEPT else None
        if kept is not None:
            kept.write(kind + length.to_bytes(4, "little"))
        if kind == b"VP8X":
            flags = read_exactly(source, 1)[0]
            target.write(bytes([flags & ~(EXIF_FLAG | XMP_FLAG)]))
            copy(source, kept, length - 1 + length % 2)
        else:
            copy(source, kept, length + length % 2)
    return size


def _measure(source: Source) -> tuple[int, Size]:
    """The bytes of the chunks that are kept, and the size of the picture."""
    head = read_exactly(source, 12)
    if head[:4] != b"RIFF" or head[8:] != b"WEBP":
        raise MalformedImage("no WebP")
    total, size = 0, None
    for kind, length in _chunks(source):
        beginning = read_exactly(source, min(length, 10))
        size = size or _size(kind, beginning)
        copy(source, None, length + length % 2 - len(beginning))
        if kind in KEPT:
            total += 8 + length + length % 2
    if size is None:
        raise MalformedImage("the picture has no size")
    return total, size


def _chunks(source: Source) -> Iterator[tuple[bytes, int]]:
    """The kind and the length of each chunk; the caller reads its content, padded to an even length."""
    source.seek(4)
    remaining = int.from_bytes(read_exactly(source, 4), "little") - 4
    source.seek(12)
    while remaining >= 8:
        head = read_exactly(source, 8)
        length = int.from_bytes(head[4:], "little")
        remaining -= 8 + length + length % 2
        if remaining < 0:
            raise MalformedImage("a chunk is too long")
        yield head[:4], length


def _size(kind: bytes, beginning: bytes) -> Size | None:
    """The size, where a chunk of this kind that begins so has it."""
    if len(beginning) < 10:
        return None
    if kind == b"VP8X":
        return Size(int.from_bytes(beginning[4:7], "little") + 1, int.from_bytes(beginning[7:10], "little") + 1)
    if kind == b"VP8L" and beginning[0] == 0x2F:
        bits = int.from_bytes(beginning[1:5], "little")
        return Size((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8 " and beginning[3:6] == b"\x9d\x01\x2a":
        width, height = int.from_bytes(beginning[6:8], "little"), int.from_bytes(beginning[8:10], "little")
        return Size(width & 0x3FFF, height & 0x3FFF)
    return None
